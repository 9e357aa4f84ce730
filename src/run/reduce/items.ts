/** How attempts end, and what people do to items. */
import type { RunEvent } from '../../model/event.ts'
import type { BatchIndex, ItemIndex } from '../../model/ids.ts'
import { batchOf } from '../../model/plan.ts'
import type { WallTime } from '../../model/units.ts'
import type { BatchState, RunState } from '../state.ts'
import { batchState, isFinished, STATUS, threadFacts } from '../state.ts'
import { forgetAppetites, learnFromFailure } from './appetites.ts'
import { noteFailure, noteSuccesses } from './breakers.ts'
import { countUp, enqueue } from './chunks.ts'
import { leaveThread } from './spans.ts'
import { forgetUndos, wantUndo } from './undos.ts'

type Of<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>

export function succeedItems(state: RunState, event: Of<'items.succeeded'>, at: WallTime): void {
  const batch = batchState(state, event.batch)
  const { status, ms } = state.items
  let total = 0
  for (let place = 0; place < event.items.length; place += 1) {
    const item = event.items[place] as ItemIndex
    const took = event.ms[place] ?? 0
    status[item] = STATUS.succeeded
    ms[item] = took
    total += took
    batch.durations.add(took)
  }
  if (event.peaks) for (const peak of event.peaks) if (peak !== null) batch.sizes.add(peak)
  if (state.reasons.size + state.losses.size + state.deaths.size > 0) forgetTroubles(state, event.items)
  forgetAppetites(state, event.items)
  noteSuccesses(state, batch, event.items)
  batch.durations.observe(total / event.items.length)
  batch.handed -= event.items.length
  batch.applied.succeeded += event.items.length
  threadFacts(state, event.thread).done += event.items.length
  leaveThread(state, event.thread, event.items.length, at)
}

function forgetTroubles({ reasons, losses, deaths }: RunState, items: readonly ItemIndex[]): void {
  for (const item of items) {
    reasons.delete(item)
    losses.delete(item)
    deaths.delete(item)
  }
}

export function retryItem(state: RunState, event: Of<'item.retrying'>, at: WallTime): void {
  const batch = endAttempt(state, event, at)
  const { failures, status } = state.items
  if (!learnFromFailure(state, event)) failures[event.item] = countUp(failures[event.item])
  status[event.item] = STATUS.waiting
  batch.waiting += 1
  state.backoff.add(event.item, event.retryAt)
}

export function failItem(state: RunState, event: Of<'item.failed'>, at: WallTime): void {
  const batch = endAttempt(state, event, at)
  const { failures, status } = state.items
  if (event.reason.kind !== 'memory') failures[event.item] = countUp(failures[event.item])
  status[event.item] = STATUS.failed
  forgetAppetites(state, [event.item])
  wantUndo(state, batch, event.item)
  batch.applied.failed += 1
  threadFacts(state, event.thread).done += 1
}

function endAttempt(state: RunState, event: Of<'item.retrying' | 'item.failed'>, at: WallTime): BatchState {
  const batch = batchState(state, batchOf(state.plan, event.item).index)
  state.items.ms[event.item] = event.ms
  state.reasons.set(event.item, event.reason)
  batch.durations.observe(event.ms)
  // One that memory ended says only that it needs more than that.
  if (event.peak !== undefined && event.reason.kind !== 'memory') batch.sizes.add(event.peak)
  noteFailure(state, batch, event.item, event.reason)
  batch.handed -= 1
  leaveThread(state, event.thread, 1, at)
  return batch
}

export function skipItems(state: RunState, event: Of<'items.skipped'>): void {
  const batch = batchState(state, event.batch)
  const items = event.items === 'rest' ? openItems(state, event.batch) : event.items
  const { status } = state.items
  for (const item of items) {
    if (status[item] === STATUS.waiting) {
      batch.waiting -= 1
      state.backoff.remove(item)
    }
    status[item] = STATUS.skipped
    if (event.items !== 'rest') state.because.set(item, event.because)
  }
  forgetAppetites(state, items)
  batch.applied.skipped += items.length
  if (event.because.kind === 'user') batch.applied.skippedByUser += items.length
  if (event.items !== 'rest') return
  batch.because = event.because
  if (batch.applied.listing === 'due') batch.applied.listing = 'skipped'
}

/** Items of a batch in no final state and on no thread: what "the rest" of a batch means when it is skipped. */
export function openItems(state: RunState, index: BatchIndex): ItemIndex[] {
  return itemsWith(state, index, (status) => status === STATUS.queued || status === STATUS.waiting)
}

function itemsWith(state: RunState, index: BatchIndex, wanted: (status: number) => boolean): ItemIndex[] {
  const { first, count } = state.plan.batches[index] as { first: ItemIndex; count: number }
  const found: ItemIndex[] = []
  for (let item = first as number; item < first + count; item += 1) {
    if (wanted(state.items.status[item] ?? STATUS.queued)) found.push(item as ItemIndex)
  }
  return found
}

export function requeueItems(state: RunState, event: Of<'items.requeued'>): void {
  forgetUndos(state, event.failed)
  for (const item of event.failed) requeue(state, item, (batch) => (batch.applied.failed -= 1))
  for (const item of event.skipped) {
    requeue(state, item, (batch) => {
      batch.applied.skipped -= 1
      batch.applied.skippedByUser -= 1
    })
  }
  for (const { batch: index } of event.unskipped) {
    const items = itemsWith(state, index, (status) => status === STATUS.skipped)
    const needed = items.filter((item) => !state.because.has(item))
    for (const item of needed) requeue(state, item, (batch) => (batch.applied.skipped -= 1))
    reopen(batchState(state, index))
  }
}

function reopen(batch: BatchState): void {
  batch.because = undefined
  if (batch.applied.listing === 'skipped') batch.applied.listing = 'due'
  if (!isFinished(batch)) batch.endedAt = undefined
}

function requeue(state: RunState, item: ItemIndex, uncount: (batch: BatchState) => void): void {
  const batch = batchState(state, batchOf(state.plan, item).index)
  uncount(batch)
  state.items.failures[item] = 0
  state.because.delete(item)
  state.losses.delete(item)
  state.deaths.delete(item)
  enqueue(state, batch, item)
  if (!isFinished(batch)) batch.endedAt = undefined
}
