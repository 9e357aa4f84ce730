/** What one run of one contender came to. */
import type { GroupRecord } from './memory-group.ts'
import type { Traced } from './tasks/trace.ts'
import type { WorkItem } from './workload.ts'

export type Role = 'ungoverned' | 'static' | 'naive' | 'batchtop'

export interface Outcome {
  readonly contender: string
  readonly role: Role
  readonly seed: number
  /** Items that fit and were done, of so many. */
  readonly completed: number
  readonly fitting: number
  /** Processes that the kernel killed; undefined: no limit could be set. */
  readonly kills: number | undefined
  /** Most that the processes held, in bytes, by looking at them. */
  readonly peakHeld: number
  /** The mean of the same. */
  readonly meanHeld: number
  /** The same by the kernel's own count, file pages included. */
  readonly peakCounted: number | undefined
  /** Attempts of items that fit, less those that came to an end. */
  readonly thrownAway: number
  /** Undefined: it did not live to its end. */
  readonly ms: number | undefined
  /** What else there is to say. */
  readonly note: string
}

export interface Circumstances {
  readonly items: readonly WorkItem[]
  readonly traced: Traced
  readonly group: GroupRecord | undefined
}

/** What the trace and the kernel say. */
export function countUp({ items, traced, group }: Circumstances) {
  const fitting = items.filter(({ isFitting }) => isFitting)
  const completed = fitting.filter(({ id }) => traced.ended.has(id)).length
  const starts = fitting.reduce((sum, { id }) => sum + (traced.starts.get(id) ?? 0), 0)
  return {
    completed,
    fitting: fitting.length,
    thrownAway: starts - completed,
    kills: group?.kills,
    peakCounted: group?.peak,
  }
}

/** All that fits was done and nothing killed. */
export function isClean({ completed, fitting, kills, ms }: Outcome): boolean {
  return completed === fitting && (kills ?? 0) === 0 && ms !== undefined
}
