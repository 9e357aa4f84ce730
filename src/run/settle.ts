/**
 * The only writer of the durable facts: called with the same events as `reduce`, in the same order, once their journal frame is
 * on disk. Everything that unlocks or is shown reads what this writes.
 */
import type { JournaledEvent, RunEvent } from '../model/event.ts'
import type { ItemIndex } from '../model/ids.ts'
import { batchOf } from '../model/plan.ts'
import { eventView, isNotable } from './event-views.ts'
import { canUndo } from './reduce/undos.ts'
import type { RunState } from './state.ts'
import { batchState } from './state.ts'

/** How many lines a screen can ask for. */
export const MOST_EVENTS = 200

/** How many actions of the governor are kept besides. */
const MOST_ACTED = 20

/** Moves the durable facts on by one event. */
export function settle(state: RunState, { seq, at, event }: JournaledEvent): void {
  count(state, event)
  state.seq = seq
  if (!isNotable(event)) return
  state.events.push(eventView(state, { seq, at, event }))
  if (event.type === 'governor.acted') state.acted.push(...state.events.slice(-1))
  if (state.acted.length > MOST_ACTED) state.acted.shift()
  if (state.events.length > 2 * MOST_EVENTS) state.events.splice(0, MOST_EVENTS)
}

function count(state: RunState, event: RunEvent): void {
  switch (event.type) {
    case 'items.succeeded':
      batchState(state, event.batch).durable.succeeded += event.items.length
      return
    case 'item.failed':
      return countFailure(state, event.item)
    case 'item.undone':
      batchState(state, batchOf(state.plan, event.item).index).toUndoDurably.delete(event.item)
      return
    case 'items.skipped': {
      const { durable } = batchState(state, event.batch)
      durable.skipped += event.count
      if (event.because.kind === 'user') durable.skippedByUser += event.count
      if (event.items === 'rest' && durable.listing === 'due') durable.listing = 'skipped'
      return
    }
    case 'batch.listed':
      batchState(state, event.batch).durable.listing = 'known'
      return
    case 'items.requeued':
      return uncount(state, event)
    default:
  }
}

function countFailure(state: RunState, item: ItemIndex): void {
  const plan = batchOf(state.plan, item)
  const batch = batchState(state, plan.index)
  batch.durable.failed += 1
  if (canUndo(plan)) batch.toUndoDurably.add(item)
}

function uncount(state: RunState, event: Extract<RunEvent, { type: 'items.requeued' }>): void {
  const batchOfItem = (item: ItemIndex) => batchState(state, batchOf(state.plan, item).index)
  const of = (item: ItemIndex) => batchOfItem(item).durable
  for (const item of event.failed) {
    of(item).failed -= 1
    batchOfItem(item).toUndoDurably.delete(item)
  }
  for (const item of event.skipped) {
    of(item).skipped -= 1
    of(item).skippedByUser -= 1
  }
  for (const { batch, count: items } of event.unskipped) {
    const { durable } = batchState(state, batch)
    durable.skipped -= items
    if (durable.listing === 'skipped') durable.listing = 'due'
  }
}
