/** How fast the memory of all threads grows: a moving mean of what it rose by. Falls are not counted: they say nothing of what comes. */

/** Weight of the past falls to a third in this time: short enough to see a leak, long enough that one large allocation is no trend. */
const MEMORY_MS = 80

/** How far ahead the stages look: a look, a decision and a signal take less. */
export const AHEAD_MS = 120

export interface Growth {
  /** Bytes a millisecond. */
  rate: number
  used: number
  at: number
}

export function createGrowth(): Growth {
  return { rate: 0, used: 0, at: 0 }
}

/** The only writer of a growth. */
export function observeGrowth(growth: Growth, used: number, now: number): void {
  const passed = now - growth.at
  if (growth.at > 0 && passed > 0) {
    const rise = Math.max(0, used - growth.used) / passed
    growth.rate += (rise - growth.rate) * (1 - Math.exp(-passed / MEMORY_MS))
  }
  growth.used = used
  growth.at = now
}
