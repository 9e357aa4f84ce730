/** When batches began and ended, and which a person holds back. */
import type { By } from '../../model/event.ts'
import type { BatchIndex } from '../../model/ids.ts'
import type { WallTime } from '../../model/units.ts'
import type { RunState } from '../state.ts'
import { batchState } from '../state.ts'

export function startBatch(state: RunState, index: BatchIndex, at: WallTime): void {
  batchState(state, index).startedAt ??= at
}

export function finishBatch(state: RunState, index: BatchIndex, at: WallTime): void {
  batchState(state, index).endedAt = at
}

export function pauseBatch(state: RunState, index: BatchIndex, by: By | undefined): void {
  batchState(state, index).pausedBy = by
}
