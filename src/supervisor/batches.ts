/** Says that a batch is over, once all its items are in a final state. */
import type { BatchIndex } from '../model/ids.ts'
import { millis } from '../model/units.ts'
import { batchState, isFinished } from '../run/state.ts'
import type { Core } from './core.ts'

export function endBatch(core: Core, index: BatchIndex): void {
  const batch = batchState(core.state, index)
  if (batch.endedAt !== undefined || !isFinished(batch)) return
  const { succeeded, failed, skipped } = batch.applied
  const ms = millis(Math.round(core.clock.now() - (batch.startedAt ?? core.clock.now())))
  core.emit({ type: 'batch.finished', batch: index, succeeded, failed, skipped, ms })
  core.standing = undefined
}
