/** What happened, as a sentence for people: the screen's event list and the plain lines say the same. */
import { breakerText } from '../model/breaker-text.ts'
import { assertNever } from '../model/errors.ts'
import type { By, Outcome, RunEvent } from '../model/event.ts'
import type { ItemUndo } from '../model/feed.ts'
import type { Because, Reason } from '../model/reason.ts'
import type { EventView } from '../model/snapshot.ts'
import { describeAct, toneOfAct } from './acts.ts'
import { clean } from './fit.ts'
import { countOf, formatAbout, formatBytes, formatCount, formatMeasured, formatTook } from './format.ts'
import type { Tone } from './row.ts'

type Of<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>

/** One line, no full stop, cleaned of control sequences. */
export function describeEvent(event: EventView): string {
  return clean(sentenceOf(event))
}

/** A run that a person stopped has not gone wrong. */
const TONES: Readonly<Record<Outcome, Tone>> = { succeeded: 'running', failed: 'failed', stopped: 'waiting' }

/** The colour an event has in a list. */
export function toneOf(event: RunEvent): Tone | undefined {
  if (event.type === 'item.failed' || event.type === 'thread.replaced') return 'failed'
  if (event.type === 'run.finished') return TONES[event.outcome]
  if (event.type === 'governor.acted') return toneOfAct(event)
  if (event.type === 'batch.listed' && event.count === 0) return 'waiting'
  if (event.type === 'batch.finished') return event.failed > 0 ? 'failed' : 'running'
  if (event.type === 'item.retrying' || event.type === 'thread.paused' || event.type === 'batch.paused')
    return 'waiting'
  return event.type === 'items.skipped' || event.type === 'run.draining' ? 'waiting' : undefined
}

const who = (by: By): string => (by === 'user' ? 'you' : 'the governor')

function sentenceOf(view: EventView): string {
  const { event } = view
  switch (event.type) {
    case 'run.started':
      return `run started: ${countOf(event.items, 'item')} on ${countOf(event.threads, 'thread')}`
    case 'run.recovered':
      return recovered(event)
    case 'journal.resumed':
      return `the disk takes the journal again after ${formatTook(event.ms)}: ${firstLine(event.message)}`
    case 'run.draining':
      return event.isNow
        ? 'stopping now: running items are ended'
        : 'stopping: running items finish, nothing new starts'
    case 'run.finished':
      return finished(event)
    case 'checkpoint.written':
      return `checkpoint, ${formatBytes(event.bytes)} in ${formatMeasured(event.ms)}`
    case 'governor.acted':
      return describeAct(event)
    case 'thread.started':
    case 'thread.stopped':
    case 'thread.paused':
    case 'thread.resumed':
    case 'thread.replaced':
      return threadSentence(event)
    case 'batch.started':
    case 'batch.paused':
    case 'batch.resumed':
    case 'batch.finished':
    case 'batch.listed':
    case 'breaker.opened':
    case 'breaker.closed':
      return batchSentence(event, view)
    case 'chunk.started':
    case 'items.returned':
    case 'items.succeeded':
    case 'item.retrying':
    case 'item.failed':
    case 'items.skipped':
    case 'items.requeued':
    case 'item.undone':
      return itemSentence(event, view)
    default:
      return assertNever(event)
  }
}

function recovered(event: Of<'run.recovered'>): string {
  const counts = [
    `${formatCount(event.succeeded)} done`,
    `${formatCount(event.requeued)} requeued`,
    `${formatCount(event.new)} new`,
    `${formatCount(event.gone)} gone`,
    event.paused > 0 ? `${countOf(event.paused, 'thread')} still paused` : '',
  ]
  return `run recovered: ${counts.filter((count) => count !== '').join(', ')}`
}

function finished({ outcome, succeeded, failed, skipped, left, ms }: Of<'run.finished'>): string {
  const counts = [
    `${formatCount(succeeded)} succeeded`,
    failed > 0 ? `${formatCount(failed)} failed` : '',
    skipped > 0 ? `${formatCount(skipped)} skipped` : '',
    left > 0 ? `${formatCount(left)} left` : '',
  ]
  return `run ${outcome} after ${formatTook(ms)}: ${counts.filter((count) => count !== '').join(', ')}`
}

function threadSentence(event: Of<`thread.${string}` & RunEvent['type']>): string {
  const name = `thread ${event.thread}`
  switch (event.type) {
    case 'thread.started':
      return `${name} is ready`
    case 'thread.stopped':
      return `${name} stopped`
    case 'thread.paused':
      return `${name} paused by ${who(event.by)}`
    case 'thread.resumed':
      return `${name} resumed by ${who(event.by)}`
    case 'thread.replaced':
      return `${name} replaced: ${firstLine(event.reason.message) || event.reason.kind}`
    default:
      return assertNever(event)
  }
}

function listedSentence({ count, isFailed }: Of<'batch.listed'>, name: string): string {
  if (isFailed) return `the items of ${name} could not be listed`
  return count === 0 ? `${name} was listed and has no items` : `${name} has ${countOf(count, 'item')}`
}

type BatchEvent = Of<Extract<RunEvent['type'], `batch.${string}` | `breaker.${string}`>>

function batchSentence(event: BatchEvent, { batch, at }: EventView): string {
  const name = `batch ${batch ?? `@${event.batch + 1}`}`
  switch (event.type) {
    case 'batch.started':
      return `${name} started`
    case 'batch.paused':
      return `${name} paused by ${who(event.by)}`
    case 'batch.resumed':
      return `${name} resumed by ${who(event.by)}`
    case 'batch.listed':
      return listedSentence(event, name)
    case 'breaker.opened':
      return `${name} waits ${formatAbout(event.until - at)}: ${breakerText(event)}`
    case 'breaker.closed':
      return `${name} goes on: its breaker is closed`
    case 'batch.finished': {
      const total = event.succeeded + event.failed + event.skipped
      const failed = event.failed > 0 ? `, ${formatCount(event.failed)} failed` : ''
      const skipped = event.skipped > 0 ? `, ${formatCount(event.skipped)} skipped` : ''
      return `${name} finished ${formatCount(event.succeeded)}/${formatCount(total)}${failed}${skipped}`
    }
    default:
      return assertNever(event)
  }
}

type ItemEvent = Of<Extract<RunEvent['type'], `item.${string}` | `items.${string}`> | 'chunk.started'>

function itemSentence(event: ItemEvent, view: EventView): string {
  switch (event.type) {
    case 'chunk.started':
      return `thread ${event.thread} took ${group(event.items, view)}`
    case 'items.returned':
      return returned(event, view)
    case 'items.succeeded': {
      const took = event.items.length === 1 ? ` in ${formatMeasured(event.ms[0] ?? 0)}` : ''
      const left = event.leftovers?.reduce((sum, count) => sum + count, 0)
      return `${group(event.items, view)} succeeded${took}${leftBehind(left)}`
    }
    case 'item.retrying':
      return retrying(event, view)
    case 'item.failed': {
      const tries = event.attempt > 1 ? ` after ${countOf(event.attempt, 'attempt')}` : ''
      return `${nameOf(event.item, view)} failed${tries}: ${describeReason(event.reason)}${leftBehind(event.leftover)}`
    }
    case 'items.skipped':
      return skipping(event, view)
    case 'items.requeued':
      return requeued(event, view)
    case 'item.undone': {
      const { reason } = event
      const what = reason ? `undo failed: ${describeReason(reason)}` : `undone in ${formatMeasured(event.ms)}`
      return `${nameOf(event.item, view)} ${what}`
    }
    default:
      return assertNever(event)
  }
}

function retrying(event: Of<'item.retrying'>, view: EventView): string {
  const next = event.attempt + 1
  const wait = event.retryAt - view.at
  const when = wait > 0 ? `in ${formatAbout(wait)}` : 'at once'
  // Attempts that a stop or a crash ended do not count as tries, so the number may pass the limit.
  const of = view.tries !== undefined && next <= view.tries ? ` of ${view.tries}` : ''
  const why = `${describeReason(event.reason)}${leftBehind(event.leftover)}`
  return `${nameOf(event.item, view)} failed (${why}), attempt ${next}${of} ${when}`
}

/** What an attempt did not end by itself. */
export function leftBehind(count = 0): string {
  return count === 0 ? '' : `, left ${countOf(count, 'process', 'processes')} behind, ended`
}

function returned(event: Of<'items.returned'>, view: EventView): string {
  const names = group(event.items, view)
  switch (event.how) {
    case 'untouched':
      return `thread ${event.thread} gave back ${names}`
    case 'interrupted':
      return `${names} interrupted, back in the queue`
    case 'orphaned':
      return `${names} back in the queue: the process of thread ${event.thread} died`
    case 'lost':
      return `${names} lost its process on thread ${event.thread}, back in the queue`
    case 'evicted':
      return `${names} back in the queue: its memory${event.peak === undefined ? '' : ` (${formatBytes(event.peak)})`} was needed`
    case 'postponed':
      return event.retryAt === undefined
        ? `${names} asked to wait`
        : `${names} asked to wait ${formatAbout(event.retryAt - view.at)}`
    default:
      return assertNever(event.how)
  }
}

function requeued({ failed, skipped, unskipped }: Of<'items.requeued'>, view: EventView): string {
  const named = [...failed, ...skipped]
  const freed = unskipped.reduce((sum, entry) => sum + entry.count, 0)
  if (named.length === 0) return `${countOf(freed, 'skipped item')} back in the queue`
  const more = freed > 0 ? `, and ${countOf(freed, 'skipped item')} behind it` : ''
  return `${group(named, view)} back in the queue${more}`
}

function skipping({ items, count, because }: Of<'items.skipped'>, view: EventView): string {
  const batch = `batch ${view.batch ?? ''}`.trimEnd()
  const rest = count === 0 ? `${batch}, not listed yet,` : `${countOf(count, 'item')} of ${batch}`
  const names = items === 'rest' ? rest : group(items, view)
  return `${names} skipped: ${describeBecause(because)}`
}

/** Why an item was skipped, in words. */
export function describeBecause(because: Because): string {
  return because.kind === 'user' ? 'by you' : `${because.id} cannot be met`
}

/** Why an attempt did not succeed, in words. */
export function describeReason(reason: Reason): string {
  const first = firstLine(reason.message)
  if (reason.kind === 'user') return 'ended by you'
  if (reason.kind === 'threw') return first || 'threw'
  if (reason.kind === 'signal' || reason.kind === 'output') return first || reason.kind
  if (first === '') return reason.kind
  return first.toLowerCase().includes(reason.kind) ? first : `${reason.kind}: ${first}`
}

/** What has become of an undo, in words. */
export function describeUndo(undo: ItemUndo): string {
  if (undo.state === 'failed') return `undo failed: ${describeReason(undo.reason)}`
  return undo.state === 'undone' ? 'undone' : 'to be undone'
}

const firstLine = (text: string): string => text.split('\n').find((line) => line.trim() !== '') ?? ''

const nameOf = (item: number, view: EventView): string => view.name ?? `@${item + 1}`

/** One item by its name, several by number and batch. */
function group(items: readonly number[], view: EventView): string {
  const [first] = items
  if (first === undefined) return 'no items'
  if (items.length === 1) return nameOf(first, view)
  return `${countOf(view.count ?? items.length, 'item')}${view.batch === undefined ? '' : ` of ${view.batch}`}`
}
