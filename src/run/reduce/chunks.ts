/** Items on their way to a thread and back. */
import type { RunEvent } from '../../model/event.ts'
import type { ItemIndex } from '../../model/ids.ts'
import { batchOf } from '../../model/plan.ts'
import type { WallTime } from '../../model/units.ts'
import type { BatchState, RunState } from '../state.ts'
import { batchState, STATUS } from '../state.ts'
import { learnFromEviction } from './appetites.ts'
import { leaveTrial, noteStart } from './breakers.ts'
import { leaveThread, openSpan } from './spans.ts'

/** Largest number of a Uint16Array. */
const MOST_COUNTED = 65_535

type Of<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>

export function startChunk(state: RunState, event: Of<'chunk.started'>, at: WallTime): void {
  const batch = batchState(state, event.batch)
  const { status, attempts } = state.items
  for (const item of event.items) {
    if (status[item] === STATUS.waiting) {
      batch.waiting -= 1
      state.backoff.remove(item)
    }
    status[item] = STATUS.handed
    attempts[item] = countUp(attempts[item])
  }
  batch.handed += event.items.length
  noteStart(batch, event.items)
  advance(state, batch)
  openSpan(state, event.thread, event.batch, event.items.length, at)
}

/** Counts that do not fit stay at the highest that does: none may begin anew. */
export function countUp(count = 0): number {
  return Math.min(MOST_COUNTED, count + 1)
}

/** Puts items back where the scheduler finds them; they are in the queue by their status, `returned` only says in which order. */
export function enqueue(state: RunState, batch: BatchState, item: ItemIndex): void {
  state.items.status[item] = STATUS.queued
  if (item - firstOf(state, batch) < batch.cursor && !state.appetites.has(item)) batch.returned.push(item)
}

/** Moves cursor and queue past items that are no longer in the queue. */
function advance(state: RunState, batch: BatchState): void {
  const { appetites } = state
  const { status } = state.items
  const first = firstOf(state, batch)
  const isElsewhere = (item: ItemIndex) => status[item] !== STATUS.queued || (appetites.size > 0 && appetites.has(item))
  if (batch.returned.size > 0) batch.returned.dropWhile(isElsewhere)
  while (batch.cursor < batch.count && isElsewhere((first + batch.cursor) as ItemIndex)) batch.cursor += 1
}

function firstOf(state: RunState, batch: BatchState): number {
  return state.plan.batches[batch.index]?.first ?? 0
}

export function returnItems(state: RunState, event: Of<'items.returned'>, at: WallTime): void {
  const batch = batchState(state, event.batch)
  const { attempts, status } = state.items
  if (event.how === 'evicted') learnFromEviction(state, event)
  leaveTrial(batch, event.items)
  for (const item of event.items) {
    batch.handed -= 1
    if (event.how === 'untouched') attempts[item] = (attempts[item] ?? 1) - 1
    if (event.how === 'lost') state.losses.set(item, (state.losses.get(item) ?? 0) + 1)
    if (event.how === 'postponed' && event.retryAt !== undefined) {
      status[item] = STATUS.waiting
      batch.waiting += 1
      state.backoff.add(item, event.retryAt)
    } else {
      enqueue(state, batch, item)
    }
  }
  leaveThread(state, event.thread, event.items.length, at)
}

/** Takes items that were due out of backoff. Not an event: time alone does it. */
export function releaseDue(state: RunState, now: WallTime): number {
  const due = state.backoff.take(now)
  for (const item of due) {
    if (state.items.status[item] !== STATUS.waiting) continue
    const batch = batchState(state, batchOf(state.plan, item).index)
    batch.waiting -= 1
    enqueue(state, batch, item)
  }
  return due.length
}
