import { steer } from '../steer.ts'
import type { StopOptions } from '../verbs.ts'

export function stop(options: StopOptions): Promise<number> {
  const { now, grace } = options
  return steer(options, () => ({
    verb: 'stopRun',
    isNow: now === true,
    ...(grace === undefined ? {} : { grace }),
  }))
}
