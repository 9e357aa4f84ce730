/**
 * Journaled events → the JSON lines of the contract, section 4. Pure: values and the writing of moments are handed in. Groups of
 * items become a line each; what only concerns the machinery (chunks handed out, items taken back) becomes none. A run's events
 * must come from the first on, because only then "the rest of a batch was skipped" is a list of items.
 */
import { assertNever } from '../model/errors.ts'
import type { JournaledEvent, RunEvent } from '../model/event.ts'
import type { BatchIndex, ItemIndex, RunId } from '../model/ids.ts'
import { itemIndex } from '../model/ids.ts'
import { nameFields } from '../model/names.ts'
import type { Plan } from '../model/plan.ts'
import { batchOf, itemName } from '../model/plan.ts'
import type { Reason } from '../model/reason.ts'
import type { WallTime } from '../model/units.ts'
import { History } from '../run/history.ts'
import { openItems } from '../run/reduce/items.ts'
import type { RunState } from '../run/state.ts'
import { STATUS } from '../run/state.ts'

/** Version of the lines. */
export const JSON_LINES_VERSION = 1

type Fields = Readonly<Record<string, unknown>>
type Of<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>

/** By place in `items` of an `items.succeeded`: JSON text, or undefined where the item returned nothing. */
export type ValueTexts = readonly (string | undefined)[]

export interface JsonLinesOptions {
  /** The run's compiled plans by version - 1: an item's number is its place in the one that held. */
  readonly plans: readonly Plan[]
  readonly run: RunId
  /** Writes a moment as ISO 8601 with milliseconds. */
  readonly iso: (at: WallTime) => string
}

/** An event's lines, without line ends; often none. Call it with every event of the run, in order. */
export type LinesOf = (journaled: JournaledEvent, values?: ValueTexts) => readonly string[]

export function createJsonLines({ plans, run, iso }: JsonLinesOptions): LinesOf {
  const history = new History(plans)
  return (journaled, values = []) => {
    const { event, at, seq } = journaled
    const head = { v: JSON_LINES_VERSION, at: iso(at), run }
    const line = (fields: Fields, type: string = event.type): string =>
      JSON.stringify({ ...head, type, seq, ...fields })
    const moved = itemsMoved(history, journaled)
    return expand(event, { plan: history.state.plan, line, values, moved, iso })
  }
}

interface Context {
  readonly plan: Plan
  readonly line: (fields: Fields, type?: string) => string
  readonly values: ValueTexts
  /** Items that an event moved by naming only their batch. */
  readonly moved: readonly ItemIndex[]
  readonly iso: (at: WallTime) => string
}

/** Applies the event; returns the items it concerns without listing them. */
function itemsMoved(history: History, journaled: JournaledEvent): readonly ItemIndex[] {
  const { state } = history
  const { event } = journaled
  const rest = event.type === 'items.skipped' && event.items === 'rest' ? openItems(state, event.batch) : []
  const needy =
    event.type === 'items.requeued' ? event.unskipped.flatMap(({ batch }) => skippedItems(state, batch)) : []
  history.apply(journaled)
  return [...rest, ...needy.filter((item) => state.items.status[item] !== STATUS.skipped)]
}

function skippedItems(state: RunState, index: BatchIndex): readonly ItemIndex[] {
  const { first, count } = state.plan.batches[index] ?? { first: 0, count: 0 }
  const all = Array.from({ length: count }, (_, place) => itemIndex(first + place))
  return all.filter((item) => state.items.status[item] === STATUS.skipped)
}

function expand(event: RunEvent, context: Context): readonly string[] {
  const { plan, line, iso } = context
  switch (event.type) {
    case 'chunk.started':
      return []
    case 'items.returned':
      return event.how === 'evicted' ? evicted(event, context) : []
    case 'items.succeeded':
      return succeeded(event, context)
    case 'items.skipped':
      return skipped(event, context)
    case 'items.requeued':
      return requeued(event, context)
    case 'item.retrying':
    case 'item.failed':
      return [line(attemptFields(event, context))]
    case 'batch.started':
    case 'batch.paused':
    case 'batch.resumed':
    case 'breaker.closed':
    case 'batch.finished': {
      const { type, batch, ...rest } = event
      return [line({ batch: plan.batches[batch]?.id ?? String(batch), ...rest }, type)]
    }
    case 'batch.listed':
      // What stands for a listing that failed is told by its own failure.
      return event.isFailed
        ? []
        : [line({ batch: plan.batches[event.batch]?.id ?? String(event.batch), items: event.count })]
    case 'breaker.opened': {
      const { batch, failures, of, until } = event
      return [line({ batch: plan.batches[batch]?.id ?? String(batch), failures, of, until: iso(until) })]
    }
    case 'item.undone': {
      const { item, thread, ms, reason } = event
      return [
        line({ ...itemFields(plan, item), thread, ms: round(ms), ...(reason ? { reason: reasonFields(reason) } : {}) }),
      ]
    }
    case 'run.started':
    case 'run.recovered':
      return [line(startedFields(event))]
    case 'run.draining':
      return [line({ now: event.isNow })]
    case 'run.finished':
    case 'thread.started':
    case 'thread.paused':
    case 'thread.resumed':
    case 'thread.replaced':
    case 'thread.stopped':
    case 'checkpoint.written':
    case 'journal.resumed': {
      const { type, ...rest } = event
      return [line(rest, type)]
    }
    case 'governor.acted': {
      const { type, thread, stage, before, after, ms, why } = event
      const named = thread === undefined ? { stage } : { stage, thread }
      return [line({ ...named, before, after, ms: round(ms), why }, type)]
    }
    default:
      return assertNever(event)
  }
}

/** The only way back to the queue that somebody else decided on: scripts should know whose work was lost. */
function evicted({ items, thread, peak }: Of<'items.returned'>, { plan, line }: Context): readonly string[] {
  const fields = { thread, ...(peak === undefined ? {} : { peak }), because: { kind: 'memory' } }
  return items.map((item) => line({ ...itemFields(plan, item), ...fields }, 'item.requeued'))
}

function succeeded(event: Of<'items.succeeded'>, { plan, line, values }: Context): readonly string[] {
  return event.items.map((item, place) => {
    const attempt = event.attempts[place] ?? 1
    const peak = event.peaks?.[place] ?? undefined
    const fields = {
      ...itemFields(plan, item),
      thread: event.thread,
      attempt,
      ms: round(event.ms[place] ?? 0),
      peak,
      ...leftoverOf(event.leftovers?.[place]),
    }
    const text = line(fields, 'item.succeeded')
    const value = values[place]
    // The value is JSON already: reading it only to write it again would cost more than the rest of the line.
    return value === undefined ? text : `${text.slice(0, -1)},"value":${value}}`
  })
}

function skipped(event: Of<'items.skipped'>, { plan, line, moved }: Context): readonly string[] {
  const items = event.items === 'rest' ? moved : event.items
  return items.map((item) => line({ ...itemFields(plan, item), because: event.because }, 'item.skipped'))
}

function requeued(event: Of<'items.requeued'>, { plan, line, moved }: Context): readonly string[] {
  return [...event.failed, ...event.skipped, ...moved].map((item) => line(itemFields(plan, item), 'item.requeued'))
}

function attemptFields(event: Of<'item.retrying'> | Of<'item.failed'>, { plan, iso }: Context): Fields {
  const { item, thread, attempt, ms, peak, leftover, reason } = event
  const retryAt = event.type === 'item.retrying' ? { retryAt: iso(event.retryAt) } : {}
  const head = { ...itemFields(plan, item), thread, attempt, ms: round(ms), peak, ...leftoverOf(leftover) }
  return { ...head, reason: reasonFields(reason), ...retryAt }
}

/** Told only where something was left. */
function leftoverOf(leftover = 0): Fields {
  return leftover > 0 ? { leftover } : {}
}

/** What only decides about the next try is not told; a message may hold a name that is no UTF-8. */
export function reasonFields(reason: Reason): Reason {
  const message = reason.message.toWellFormed()
  if (reason.kind !== 'memory') return { ...reason, message }
  const { wasAlone: _, ...told } = reason
  return { ...told, message }
}

function startedFields(event: Of<'run.started'> | Of<'run.recovered'>): Fields {
  const { plan, items, threads, epoch } = event
  const { budget, perThread, reserve, total } = event.memory
  const fields = { plan, items, threads, memory: { budget, perThread, reserve, total } }
  if (event.type === 'run.started') return fields
  const { gone, paused } = event
  return { ...fields, epoch, succeeded: event.succeeded, requeued: event.requeued, new: event.new, gone, paused }
}

function itemFields(plan: Plan, item: ItemIndex): Fields {
  const batch = batchOf(plan, item)
  return { batch: batch.id, ...nameFields(itemName(batch, item - batch.first)), number: item + 1 }
}

/** Milliseconds with at most two decimals: more only makes lines longer. */
function round(ms: number): number {
  return Math.round(ms * 100) / 100
}
