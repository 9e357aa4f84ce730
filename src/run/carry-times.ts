/** What happened when, under another plan: batches and items are named by number there. See `carryOver`. */
import type { RunEvent } from '../model/event.ts'
import type { ItemIndex } from '../model/ids.ts'
import type { EventView } from '../model/snapshot.ts'
import type { Routes } from './routes.ts'
import type { OpenSpan, RunState } from './state.ts'

/** The timeline without batches that are gone. */
export function carryThreads(old: RunState, next: RunState, routes: Routes): void {
  const moved = new Map<OpenSpan, OpenSpan>()
  const move = (span: OpenSpan | undefined): OpenSpan | undefined => {
    const batch = span && routes.batch(span.batch)
    if (batch === undefined) return undefined
    const known = moved.get(span as OpenSpan) ?? { ...(span as OpenSpan), batch }
    moved.set(span as OpenSpan, known)
    return known
  }
  next.spans.push(...old.spans.flatMap((span) => move(span) ?? []))
  for (const facts of old.threads) next.threads.push({ ...facts, span: move(facts.span) })
}

/** Events without those about batches or items that are gone: their numbers are others' now. */
export function carryEvents(old: RunState, next: RunState, routes: Routes): void {
  for (const view of old.events) {
    const event = routes.isSameLayout ? view.event : moveEvent(view.event, routes)
    if (event) next.events.push({ ...view, event } satisfies EventView)
  }
}

function moveEvent(event: RunEvent, routes: Routes): RunEvent | undefined {
  switch (event.type) {
    case 'item.failed':
    case 'item.retrying':
    case 'item.undone': {
      const item = routes.item(event.item)
      return item === undefined ? undefined : { ...event, item }
    }
    case 'batch.started':
    case 'batch.finished':
    case 'batch.listed':
    case 'batch.paused':
    case 'batch.resumed':
    case 'breaker.opened':
    case 'breaker.closed': {
      const batch = routes.batch(event.batch)
      return batch === undefined ? undefined : { ...event, batch }
    }
    case 'chunk.started':
    case 'items.returned':
    case 'items.succeeded':
    case 'items.skipped': {
      const batch = routes.batch(event.batch)
      const items = event.items === 'rest' ? event.items : moveAll(event.items, routes)
      return batch === undefined || items === undefined ? undefined : ({ ...event, batch, items } as RunEvent)
    }
    case 'items.requeued':
      return moveRequeued(event, routes)
    case 'run.recovered':
      return { ...event, lost: event.lost.flatMap((item) => routes.item(item) ?? []) }
    default:
      return event
  }
}

function moveRequeued(event: Extract<RunEvent, { type: 'items.requeued' }>, routes: Routes): RunEvent | undefined {
  const failed = moveAll(event.failed, routes)
  const skipped = moveAll(event.skipped, routes)
  const unskipped = event.unskipped.map(({ batch, count }) => ({ batch: routes.batch(batch), count }))
  if (!failed || !skipped || unskipped.some(({ batch }) => batch === undefined)) return undefined
  return { ...event, failed, skipped, unskipped } as RunEvent
}

/** @returns undefined where any of them is gone */
function moveAll(items: readonly ItemIndex[], routes: Routes): readonly ItemIndex[] | undefined {
  const moved = items.flatMap((item) => routes.item(item) ?? [])
  return moved.length === items.length ? moved : undefined
}
