/** What the governor remembers between two looks, and how the others tell it what became of its wishes. */
import type { ThreadNumber } from '../model/ids.ts'
import type { Bytes } from '../model/units.ts'
import type { Growth } from './growth.ts'
import { createGrowth } from './growth.ts'
import type { Lines } from './lines.ts'
import { linesFor } from './lines.ts'
import type { Action } from './look.ts'

/** Weight of the newest collection. */
const RECENT = 0.3

/** So much of a victim's memory is back when it has settled, and so long it is waited for. */
const SETTLED_SHARE = 0.6
const SETTLED_MS = 600

/** What came of asking a thread to collect its garbage. */
export interface Reclaim {
  isAsked: boolean
  askedAt: number
  doneAt: number
  /** It was asked while an item ran. */
  isRunners: boolean
  /** Share of its memory that the last one gave back. */
  share: number
}

/** An item for which there was no room. */
export interface Waiting {
  readonly since: number
  readonly seen: number
  /** What it takes in all. */
  readonly expected: Bytes
}

/** What the governor remembers between looks. `decide` and the notes below are its only writers. */
export interface Governor {
  readonly lines: Lines
  readonly growth: Growth
  isHolding: boolean
  /** When a stage acted last. */
  readonly last: Map<Action['stage'], number>
  readonly reclaims: Map<ThreadNumber, Reclaim>
  /** When a thread was allowed to go on, and when it gave unstarted items back. */
  readonly resumed: Map<ThreadNumber, number>
  readonly rebalanced: Map<ThreadNumber, number>
  /** Share of their memory that running threads gave back lately, as a moving mean. */
  usefulness: number
  /** When a thread was last stopped at its cap. */
  readonly guarded: Map<ThreadNumber, number>
  /** Threads above their cap, since when. */
  readonly over: Map<ThreadNumber, number>
  /** What found no room, by keys of turns.ts. */
  readonly waiting: Map<string, Waiting>
  /** Somebody was evicted: until the memory is there, or the time is over, nothing else happens for it. */
  settling: { readonly until: number; readonly below: number } | undefined
}

export function createGovernor(act?: number): Governor {
  return {
    lines: linesFor(act),
    growth: createGrowth(),
    isHolding: false,
    last: new Map(),
    reclaims: new Map(),
    resumed: new Map(),
    rebalanced: new Map(),
    usefulness: 1,
    guarded: new Map(),
    over: new Map(),
    waiting: new Map(),
    settling: undefined,
  }
}

/** A thread has collected its garbage. */
export function noteReclaimed(governor: Governor, thread: ThreadNumber, share: number, now: number): void {
  const note = governor.reclaims.get(thread)
  if (note?.isRunners) governor.usefulness += (share - governor.usefulness) * RECENT
  if (note) Object.assign(note, { isAsked: false, doneAt: now, share })
}

/** A person lets a thread go on: it is spared for a moment, as if the governor had. */
export function noteResumed({ resumed }: Governor, thread: ThreadNumber, now: number): void {
  resumed.set(thread, now)
}

/** What is known of a thread is not true of its next item. */
export function noteItemEnded(governor: Governor, thread: ThreadNumber): void {
  governor.reclaims.delete(thread)
  governor.over.delete(thread)
  governor.guarded.delete(thread)
}

/** Whether a stage acted less than so long ago. */
export function hasJust({ last }: Governor, stage: Action['stage'], now: number, ms: number): boolean {
  return now - (last.get(stage) ?? -Infinity) < ms
}

/** Memory of a victim comes back some time after it was told to go. */
export function settle(
  governor: Governor,
  { now, used }: { readonly now: number; readonly used: number },
  memory: Bytes,
): void {
  governor.settling = { until: now + SETTLED_MS, below: used - SETTLED_SHARE * memory }
}
