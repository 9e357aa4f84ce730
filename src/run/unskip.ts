/** Items that were skipped for a need, back in the queue: the scheduler skips them again where that still holds. */

import type { ItemIndex } from '../model/ids.ts'
import type { Batch } from '../model/plan.ts'
import type { RunState } from './state.ts'
import { batchState, becauseOf, STATUS } from './state.ts'

/** Sets states only: whoever calls it counts anew. */
export function unskip(state: RunState): void {
  for (const batch of state.plan.batches) {
    unskipItems(state, batch)
    const facts = batchState(state, batch.index)
    if (facts.because?.kind === 'need') facts.because = undefined
  }
}

function unskipItems(state: RunState, { first, count }: Batch): void {
  const { status, failures } = state.items
  const end = first + count
  for (let place = status.indexOf(STATUS.skipped, first); place >= 0 && place < end; ) {
    const item = place as ItemIndex
    if (becauseOf(state, item)?.kind !== 'user') {
      status[item] = STATUS.queued
      failures[item] = 0
      state.because.delete(item)
      state.losses.delete(item)
      state.deaths.delete(item)
    }
    place = status.indexOf(STATUS.skipped, place + 1)
  }
}
