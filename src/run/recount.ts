/** Counters of batches from the states of their items, for facts that were not lived through event by event. */
import type { Batch } from '../model/plan.ts'
import { batchOf, isUnlisted } from '../model/plan.ts'
import type { RunState } from './state.ts'
import { batchState, STATUS } from './state.ts'

/** Skipped items with a reason of their own, not only their batch's. */
interface OwnReasons {
  byUser: number
  byNeed: number
}

/** Sets every counter of every batch of new facts; the durable ones are like the applied ones. */
export function recount(state: RunState): void {
  const own = ownReasons(state)
  for (const batch of state.plan.batches) recountBatch(state, batch, own[batch.index])
}

function recountBatch(state: RunState, batch: Batch, own: OwnReasons | undefined): void {
  const { index, first, count } = batch
  const facts = batchState(state, index)
  const status = state.items.status.subarray(first, first + count)
  const seen = new Uint32Array(Object.keys(STATUS).length)
  for (let place = 0; place < count; place += 1) {
    const one = status[place] as number
    seen[one] = (seen[one] as number) + 1
  }
  const of = (name: keyof typeof STATUS) => seen[STATUS[name]] as number
  const { byUser = 0, byNeed = 0 } = own ?? {}
  const skipped = of('skipped')
  const skippedByUser = facts.because?.kind === 'user' ? skipped - byNeed : byUser
  Object.assign(facts.applied, { succeeded: of('succeeded'), failed: of('failed'), skipped, skippedByUser })
  // Only what can never start is skipped as a whole before anybody knows what it is.
  if (isUnlisted(batch) && count === 0) facts.applied.listing = facts.because ? 'skipped' : 'due'
  Object.assign(facts.durable, facts.applied)
  facts.toUndoDurably.clear()
  for (const item of facts.toUndo) facts.toUndoDurably.add(item)
  facts.handed = of('handed')
  facts.waiting = of('waiting')
  const queued = status.indexOf(STATUS.queued)
  facts.cursor = queued < 0 ? count : queued
}

function ownReasons(state: RunState): OwnReasons[] {
  const found = state.batches.map((): OwnReasons => ({ byUser: 0, byNeed: 0 }))
  for (const [item, { kind }] of state.because.entries()) {
    if (state.items.status[item] !== STATUS.skipped) continue
    const own = found[batchOf(state.plan, item).index] as OwnReasons
    if (kind === 'user') own.byUser += 1
    else own.byNeed += 1
  }
  return found
}
