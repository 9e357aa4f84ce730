/** Durable events as lines of a screen, with the names that a view cannot look up. */
import type { JournaledEvent, RunEvent } from '../model/event.ts'
import type { ItemIndex } from '../model/ids.ts'
import { batchOf, itemName } from '../model/plan.ts'
import type { EventView } from '../model/snapshot.ts'
import type { RunState } from './state.ts'

/** A person may skip a million items at once; a line only says how many, and every screen is sent it. */
const MOST_LISTED = 100

/** Successes come by the thousand and chunks are nobody's business: neither is worth a line. */
export function isNotable(event: RunEvent): boolean {
  return event.type !== 'items.succeeded' && event.type !== 'chunk.started' && event.type !== 'items.returned'
}

export function eventView(state: RunState, { seq, at, event }: JournaledEvent): EventView {
  const names = namesOf(state, event)
  const count = listed(event)
  return count > MOST_LISTED ? { seq, at, event: shortened(event), ...names, count } : { seq, at, event, ...names }
}

/** How many items an event lists that a view may hold. */
function listed(event: RunEvent): number {
  if (event.type === 'items.requeued') return event.failed.length + event.skipped.length
  return event.type === 'items.skipped' && event.items !== 'rest' ? event.items.length : 0
}

function shortened(event: RunEvent): RunEvent {
  if (event.type === 'items.requeued') {
    const { failed, skipped } = event
    const left = Math.max(0, MOST_LISTED - failed.length)
    return { ...event, failed: failed.slice(0, MOST_LISTED), skipped: skipped.slice(0, left) }
  }
  if (event.type === 'items.skipped' && event.items !== 'rest')
    return { ...event, items: event.items.slice(0, MOST_LISTED) }
  return event
}

function namesOf(state: RunState, event: RunEvent): Pick<EventView, 'name' | 'batch' | 'tries'> {
  if ('item' in event) {
    const batch = batchOf(state.plan, event.item)
    return { name: itemName(batch, event.item - batch.first), batch: batch.id, tries: batch.retry.attempts }
  }
  if (event.type === 'items.requeued') return namesOfFirst(state, event.failed[0] ?? event.skipped[0])
  if (event.type === 'items.skipped' && event.items !== 'rest') return namesOfFirst(state, event.items[0])
  if ('batch' in event) return { batch: state.plan.batches[event.batch]?.id ?? '' }
  return {}
}

function namesOfFirst(state: RunState, item: ItemIndex | undefined): Pick<EventView, 'name' | 'batch'> {
  if (item === undefined) return {}
  const batch = batchOf(state.plan, item)
  return { name: itemName(batch, item - batch.first), batch: batch.id }
}
