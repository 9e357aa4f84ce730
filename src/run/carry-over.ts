/**
 * The facts of a run under another compiled plan of it: items keep what they have by batch and name, never by place. Pure, so that the
 * supervisor that recovers a run and everybody who replays its journal get the same facts. Imports model; called by supervisor and `History`.
 */
import type { ItemIndex } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import { carryBatch, carryItems } from './carry-items.ts'
import { carryEvents, carryThreads } from './carry-times.ts'
import { carryListings } from './listing.ts'
import { recount } from './recount.ts'
import { Routes } from './routes.ts'
import type { RunState } from './state.ts'
import { createRunState, isFinished } from './state.ts'
import { unskip } from './unskip.ts'

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
  /** The old item in the new plan; undefined where it is gone. */
  readonly itemOf: (old: ItemIndex) => ItemIndex | undefined
}

/** @param changed what becomes of items that have ended and whose work is another in the new plan */
export function carryOver(old: RunState, compiled: Plan, changed: 'rerun' | 'keep'): CarriedOver {
  const plan = carryListings(compiled, old.plan, changed)
  const routes = new Routes(old.plan, plan)
  const next = createRunState(plan)
  const carried = carryItems({ old, next, routes, changed })
  for (const route of routes.all) carryBatch(old, next, route)
  // Whether a need can still be met is asked again as soon as anything about it may be different.
  if (!routes.isSameLayout || !routes.areSameNeeds || carried.requeued > 0) unskip(next)
  recount(next)
  for (const batch of next.batches) if (!isFinished(batch)) batch.endedAt = undefined
  carryThreads(old, next, routes)
  carryEvents(old, next, routes)
  carryRun(old, next)
  return {
    ...carried,
    state: next,
    new: plan.items - carried.matched,
    gone: old.plan.items - carried.matched,
    isSameLayout: routes.isSameLayout,
    itemOf: (item) => routes.item(item),
  }
}

/** The version of the plan is not among it: that is what `run.recovered` sets. */
function carryRun(old: RunState, next: RunState): void {
  const { run, epoch, planVersion, startedAt, lastAt, endedAt, draining, outcome, exit, seq } = old
  Object.assign(next, { run, epoch, planVersion, startedAt, lastAt, endedAt, draining, outcome, exit, seq })
}
