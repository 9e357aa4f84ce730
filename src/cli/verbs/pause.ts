import { selectionOf } from '../selection.ts'
import { steer } from '../steer.ts'
import type { PauseOptions } from '../verbs.ts'

export function pause(options: PauseOptions): Promise<number> {
  return steer(options, (plan) => ({
    verb: 'pauseThreads',
    drain: options.drain === true,
    ...selectionOf(plan, options),
  }))
}
