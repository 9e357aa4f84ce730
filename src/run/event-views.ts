/** Durable events as lines of a screen, with the names that a view cannot look up. */
import type { JournaledEvent, RunEvent } from '../model/event.ts'
import type { ItemIndex } from '../model/ids.ts'
import type { ItemNames } from '../model/plan.ts'
import { batchOf, itemName } from '../model/plan.ts'
import type { EventView } from '../model/snapshot.ts'
import type { RunState } from './state.ts'

type Succeeded = Extract<RunEvent, { readonly type: 'items.succeeded' }>

/** A person may skip a million items at once; a line only says how many, and every screen is sent it. */
const MOST_LISTED = 100

const NO_NAMES: ItemNames = { kind: 'list', names: [] }

/** Successes come by the thousand and chunks are nobody's business: neither is worth a line, unless something was left behind. */
export function isNotable(event: RunEvent): boolean {
  if (event.type === 'items.succeeded') return event.leftovers !== undefined
  return event.type !== 'chunk.started' && event.type !== 'items.returned'
}

export function eventView(state: RunState, { seq, at, event }: JournaledEvent): EventView {
  const names = namesOf(state, event)
  // Who looks wants to know how many: the names may be a million.
  if (event.type === 'batch.listed') return { seq, at, event: { ...event, names: NO_NAMES }, ...names }
  if (event.type === 'items.succeeded') return { seq, at, event: leaving(event), ...names }
  const count = listed(event)
  return count > MOST_LISTED ? { seq, at, event: shortened(event), ...names, count } : { seq, at, event, ...names }
}

/** Only the items that left something behind. */
function leaving({ type, thread, batch, items, attempts, ms, leftovers = [] }: Succeeded): Succeeded {
  const at = <T>(list: readonly T[]): readonly T[] => list.filter((_, place) => (leftovers[place] ?? 0) > 0)
  return { type, thread, batch, items: at(items), attempts: at(attempts), ms: at(ms), leftovers: at(leftovers) }
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
  if (event.type === 'items.succeeded')
    return namesOfFirst(
      state,
      event.items.find((_, place) => (event.leftovers?.[place] ?? 0) > 0),
    )
  if ('batch' in event) return { batch: state.plan.batches[event.batch]?.id ?? '' }
  return {}
}

function namesOfFirst(state: RunState, item: ItemIndex | undefined): Pick<EventView, 'name' | 'batch'> {
  if (item === undefined) return {}
  const batch = batchOf(state.plan, item)
  return { name: itemName(batch, item - batch.first), batch: batch.id }
}
