import type { PauseOptions } from '../program.ts'
import { selectionOf } from '../selection.ts'
import { steer } from '../steer.ts'

export function pause(options: PauseOptions): Promise<number> {
  return steer(options, ({ plan }) => ({
    verb: 'pauseThreads',
    drain: options.drain === true,
    ...selectionOf(plan, options),
  }))
}
