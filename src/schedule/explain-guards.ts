/** What `batchtop why` says of the breaker of an item's batch, and of the undo of an item that failed. */
import { breakerText } from '../model/breaker-text.ts'
import type { ItemIndex } from '../model/ids.ts'
import { nameText } from '../model/names.ts'
import type { Batch } from '../model/plan.ts'
import { itemName } from '../model/plan.ts'
import type { RunState } from '../run/state.ts'
import { batchState } from '../run/state.ts'
import { reasonText } from './reason-text.ts'

/** @param shutFor seconds until an item may try; undefined where nobody goes on with the run */
export function explainBreaker(state: RunState, batch: Batch, shutFor: number | undefined): string[] {
  const { opened, trial } = batchState(state, batch.index).breaker ?? {}
  if (!opened) return []
  const why = `its breaker is open, ${breakerText(opened)}`
  if (trial !== undefined) {
    return [`Batch ${batch.id} waits for ${nameText(itemName(batch, trial - batch.first))}, which tries alone: ${why}.`]
  }
  const time = shutFor === undefined || shutFor <= 0 ? '' : ` ${Math.ceil(shutFor)} s more`
  return [`Batch ${batch.id} waits${time}: ${why}.`]
}

/** @param thread that undoes it right now */
export function explainUndo(state: RunState, item: ItemIndex, batch: Batch, thread: number | undefined): string[] {
  const known = state.undone.get(item)
  if (known?.reason) return [`Its undo failed: ${reasonText(known.reason)}.`]
  if (known) return ['What it did was undone.']
  if (!batchState(state, batch.index).toUndo.includes(item)) return []
  return [thread === undefined ? 'What it did is still to be undone.' : `It is being undone on thread ${thread}.`]
}
