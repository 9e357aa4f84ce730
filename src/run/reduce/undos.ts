/** Items that finally failed in a batch with an `undo`: to be undone, newest failure first, or undone. */
import type { RunEvent } from '../../model/event.ts'
import type { ItemIndex } from '../../model/ids.ts'
import type { Batch } from '../../model/plan.ts'
import { batchOf, isUnlisted } from '../../model/plan.ts'
import type { BatchState, RunState } from '../state.ts'
import { batchState } from '../state.ts'

export function wantUndo(state: RunState, batch: BatchState, item: ItemIndex): void {
  if (canUndo(state.plan.batches[batch.index])) batch.toUndo.push(item)
}

/** What stands for a listing that failed has done nothing. */
export function canUndo(batch: Batch | undefined): boolean {
  return batch?.undo !== undefined && !isUnlisted(batch)
}

export function undoItem(state: RunState, { item, reason }: Extract<RunEvent, { type: 'item.undone' }>): void {
  const { toUndo } = batchState(state, batchOf(state.plan, item).index)
  const place = toUndo.lastIndexOf(item)
  if (place >= 0) toUndo.splice(place, 1)
  state.undone.set(item, reason ? { reason } : {})
}

/** They are to run again: what they did counts from here on. */
export function forgetUndos(state: RunState, items: readonly ItemIndex[]): void {
  for (const item of items) state.undone.delete(item)
  const gone = new Set(items)
  for (const batch of state.batches) {
    if (batch.toUndo.length > 0) batch.toUndo = batch.toUndo.filter((item) => !gone.has(item))
  }
}
