/** The supervisor's one clock: wall time for people that never jumps, because it runs on the monotonic clock from the start on. */
import type { WallTime } from '../model/units.ts'
import { wallTime } from '../model/units.ts'

export interface Clock {
  readonly now: () => WallTime
}

export function createClock(): Clock {
  const startedAt = Date.now() - performance.now()
  return { now: () => wallTime(startedAt + performance.now()) }
}
