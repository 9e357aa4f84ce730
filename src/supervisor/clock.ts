/** The supervisor's one clock: wall time for people that never jumps, because it runs on the monotonic clock from the start on. */
import type { WallTime } from '../model/units.ts'
import { wallTime } from '../model/units.ts'

/** Node's longest timer, 24 days: more would be none at all. Whoever waits longer looks again when it fires. */
export const LONGEST_WAIT = 2 ** 31 - 1

export interface Clock {
  readonly now: () => WallTime
}

export function createClock(): Clock {
  const startedAt = Date.now() - performance.now()
  return { now: () => wallTime(startedAt + performance.now()) }
}
