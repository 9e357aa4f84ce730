/**
 * The only writer of the applied facts: one event in, the state moved on. No clock, no random, no I/O, so that replaying a
 * journal gives what lived through it. May import model. Called by the supervisor for what happens and by whoever reads journals.
 */
import { assertNever } from '../model/errors.ts'
import type { RunEvent } from '../model/event.ts'
import type { WallTime } from '../model/units.ts'
import { finishBatch, pauseBatch, startBatch } from './reduce/batches.ts'
import { closeBreaker, openBreaker } from './reduce/breakers.ts'
import { returnItems, startChunk } from './reduce/chunks.ts'
import { failItem, requeueItems, retryItem, skipItems, succeedItems } from './reduce/items.ts'
import { listBatch } from './reduce/listing.ts'
import { recoverRun } from './reduce/recovery.ts'
import { pauseThread, replaceThread, resumeThread, startThread, stopThread } from './reduce/threads.ts'
import { undoItem } from './reduce/undos.ts'
import type { RunState } from './state.ts'

/** Applies one event. `at` is when it happened. */
export function reduce(state: RunState, event: RunEvent, at: WallTime): void {
  apply(state, event, at)
  state.lastAt = at
}

function apply(state: RunState, event: RunEvent, at: WallTime): void {
  switch (event.type) {
    case 'run.started':
      state.run = event.run
      state.epoch = event.epoch
      state.startedAt = at
      return
    case 'run.draining':
      state.draining = event.isNow ? 'now' : 'drain'
      return
    case 'run.finished':
      state.endedAt = at
      state.outcome = event.outcome
      state.exit = event.exit
      return
    case 'thread.started':
      return startThread(state, event.thread)
    case 'thread.paused':
      return pauseThread(state, event, at)
    case 'thread.resumed':
      return resumeThread(state, event.thread)
    case 'thread.replaced':
      return replaceThread(state, event.thread)
    case 'thread.stopped':
      return stopThread(state, event.thread, at)
    case 'batch.started':
      return startBatch(state, event.batch, at)
    case 'batch.finished':
      return finishBatch(state, event.batch, at)
    case 'batch.paused':
      return pauseBatch(state, event.batch, event.by)
    case 'batch.resumed':
      return pauseBatch(state, event.batch, undefined)
    case 'batch.listed':
      return listBatch(state, event)
    case 'chunk.started':
      return startChunk(state, event, at)
    case 'items.returned':
      return returnItems(state, event, at)
    case 'items.succeeded':
      return succeedItems(state, event, at)
    case 'item.retrying':
      return retryItem(state, event, at)
    case 'item.failed':
      return failItem(state, event, at)
    case 'items.skipped':
      return skipItems(state, event)
    case 'items.requeued':
      return requeueItems(state, event)
    case 'run.recovered':
      return recoverRun(state, event, at)
    case 'breaker.opened':
      return openBreaker(state, event)
    case 'breaker.closed':
      return closeBreaker(state, event.batch)
    case 'item.undone':
      return undoItem(state, event)
    case 'checkpoint.written':
    case 'governor.acted':
    case 'journal.resumed':
      return
    default:
      assertNever(event)
  }
}
