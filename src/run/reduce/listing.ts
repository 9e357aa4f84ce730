/** A late batch gets its items. */
import type { RunEvent } from '../../model/event.ts'
import type { ItemIndex } from '../../model/ids.ts'
import type { Batch } from '../../model/plan.ts'
import { numberCount } from '../../model/plan.ts'
import { withListed } from '../listing.ts'
import type { BatchState, RunState } from '../state.ts'
import { batchState, growItems, STATUS } from '../state.ts'
import { countUp } from './chunks.ts'

export function listBatch(state: RunState, event: Extract<RunEvent, { type: 'batch.listed' }>): void {
  const before = state.plan.batches[event.batch] as Batch
  state.plan = withListed(state.plan, event)
  const { first, count } = state.plan.batches[event.batch] as Batch
  if (before.first !== first) forgetItems(state, before)
  if (state.items.status.length < numberCount(state.plan)) growItems(state, numberCount(state.plan))
  const facts = batchState(state, event.batch)
  facts.count = count
  facts.applied.listing = 'known'
  // What came back to the queue was the one item that stood for a listing that failed.
  facts.returned.dropWhile(() => true)
  facts.cursor = 0
  if (event.isFailed) beginListingItem(state, facts, first)
}

/** Looking for the items is what the item that stands for them does: it fails with the event that follows. */
function beginListingItem({ items: { status, attempts } }: RunState, facts: BatchState, item: ItemIndex): void {
  status[item] = STATUS.handed
  attempts[item] = countUp(attempts[item])
  facts.handed = 1
}

/** Their numbers are nobody's from here on. */
function forgetItems(state: RunState, { first, count }: Batch): void {
  for (const column of Object.values(state.items)) column.fill(0, first, first + count)
  for (let item = first as number; item < first + count; item += 1) {
    const index = item as ItemIndex
    state.reasons.delete(index)
    state.because.delete(index)
    state.losses.delete(index)
    state.deaths.delete(index)
    state.appetites.delete(index)
  }
}
