/**
 * Events as compact text, the body of a journal frame. Item events of one thread and batch stand under a context line, so a
 * chunk of a hundred items is one or two lines. Pure, and fast enough to be done on the supervisor's own loop.
 *
 *     T <thread> [<batch>]                                         context of the lines below it; every body begins without one
 *     S <items>                                                    chunk.started
 *     R <how> <items> [<retryAt>] [p<peak>]                        items.returned
 *     D <items> <attempts> <ms> [v<values>] [l<logs>] [p<peaks>] [x<leftovers>]   items.succeeded
 *     A <item> <attempt> <ms> <retryAt> <log> [p<peak>] [x<leftover>] <reason>   item.retrying
 *     F <item> <attempt> <ms> <log> [p<peak>] [x<leftover>] <reason>             item.failed
 *     J <json>                                                     every other event
 *
 * Items are `3-102` or `1,5,7-9`, in their order; attempts and ms one number where all are equal, else a list; a value is
 * `offset:length`, a log `file:offset:length`, a peak whole KiB, none is `-`; an empty list is `.`; a reason is JSON.
 */

import { assertNever } from '../model/errors.ts'
import type { LogRef, RunEvent, ValueRef } from '../model/event.ts'

/** More of them would be bytes that are no exact number. */
const MOST_KIB = Math.floor(Number.MAX_SAFE_INTEGER / 1024)

interface Context {
  thread: number
  /** -1: none said yet. */
  batch: number
}

/** Body of one frame: a line or several for each event, each ended by a newline. */
export function encodeEvents(events: readonly RunEvent[]): string {
  const context: Context = { thread: -1, batch: -1 }
  let text = ''
  for (const event of events) text += encodeEvent(event, context)
  return text
}

function encodeEvent(event: RunEvent, context: Context): string {
  switch (event.type) {
    case 'chunk.started':
      return `${contextLine(context, event.thread, event.batch)}S ${encodeItems(event.items)}\n`
    case 'items.returned': {
      const retryAt = event.retryAt === undefined ? '' : ` ${event.retryAt}`
      const head = contextLine(context, event.thread, event.batch)
      return `${head}R ${event.how} ${encodeItems(event.items)}${retryAt}${peakField(event.peak)}\n`
    }
    case 'items.succeeded':
      return contextLine(context, event.thread, event.batch) + encodeSucceeded(event)
    case 'item.retrying': {
      const head = `${threadLine(context, event.thread)}A ${event.item} ${event.attempt} ${encodeMs(event.ms)}`
      return `${head} ${event.retryAt} ${encodeLog(event.log)}${endFields(event)} ${JSON.stringify(event.reason)}\n`
    }
    case 'item.failed': {
      const head = `${threadLine(context, event.thread)}F ${event.item} ${event.attempt} ${encodeMs(event.ms)}`
      return `${head} ${encodeLog(event.log)}${endFields(event)} ${JSON.stringify(event.reason)}\n`
    }
    case 'run.started':
    case 'run.recovered':
    case 'journal.resumed':
    case 'run.draining':
    case 'run.finished':
    case 'thread.started':
    case 'thread.paused':
    case 'thread.resumed':
    case 'thread.replaced':
    case 'thread.stopped':
    case 'batch.started':
    case 'batch.paused':
    case 'batch.resumed':
    case 'batch.finished':
    case 'batch.listed':
    case 'breaker.opened':
    case 'breaker.closed':
    case 'item.undone':
    case 'items.skipped':
    case 'items.requeued':
    case 'checkpoint.written':
    case 'governor.acted':
      return `J ${JSON.stringify(event)}\n`
    default:
      return assertNever(event)
  }
}

function contextLine(context: Context, thread: number, batch: number): string {
  if (context.thread === thread && context.batch === batch) return ''
  context.thread = thread
  context.batch = batch
  return `T ${thread} ${batch}\n`
}

/** Context of an event that knows its thread only. */
function threadLine(context: Context, thread: number): string {
  if (context.thread === thread) return ''
  context.thread = thread
  context.batch = -1
  return `T ${thread}\n`
}

function encodeSucceeded(event: RunEvent & { readonly type: 'items.succeeded' }): string {
  const { items, attempts, ms, values, logs, peaks, leftovers } = event
  if (attempts.length !== items.length || ms.length !== items.length) {
    throw new Error(`items.succeeded of ${items.length} items has ${attempts.length} attempts and ${ms.length} times`)
  }
  let text = `D ${encodeItems(items)} ${encodeNumbers(attempts, String)} ${encodeNumbers(ms, encodeMs)}`
  if (values) text += ` v${values.map(encodeValue).join()}`
  if (logs) text += ` l${logs.map(encodeLog).join()}`
  if (peaks) text += ` p${peaks.map(encodePeak).join()}`
  if (leftovers) text += ` x${leftovers.join()}`
  return `${text}\n`
}

function encodeItems(items: readonly number[]): string {
  if (items.length === 0) return '.'
  let text = ''
  let place = 0
  while (place < items.length) {
    const first = items[place] as number
    let last = first
    while (items[++place] === last + 1) last++
    text += last === first ? `,${first}` : `,${first}-${last}`
  }
  return text.slice(1)
}

function encodeNumbers(numbers: readonly number[], encode: (value: number) => string): string {
  if (numbers.length === 0) return '.'
  const first = numbers[0] as number
  if (numbers.every((value) => value === first)) return encode(first)
  let text = encode(first)
  for (let place = 1; place < numbers.length; place++) text += `,${encode(numbers[place] as number)}`
  return text
}

/** `.01` to `.99`, without zeros at the end: putting digits together is three times as fast as printing a fraction. */
const hundredths = Array.from({ length: 100 }, (_, value) =>
  value === 0 ? '' : `.${String(value).padStart(2, '0').replace(/0$/, '')}`,
)

/** A time with at most two decimals. */
function encodeMs(ms: number): string {
  const rounded = Math.round(ms * 100)
  if (!(rounded >= 0 && rounded <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`${ms} is no time in ms`)
  const whole = Math.floor(rounded / 100)
  return whole + (hundredths[rounded - whole * 100] as string)
}

function encodeValue(value: ValueRef | null): string {
  return value ? `${value.offset}:${value.length}` : '-'
}

function encodeLog(log: LogRef | null | undefined): string {
  return log ? `${log.file}:${log.offset}:${log.length}` : '-'
}

function endFields({ peak, leftover }: { readonly peak?: number; readonly leftover?: number }): string {
  return peakField(peak) + (leftover === undefined ? '' : ` x${leftover}`)
}

function peakField(peak: number | undefined): string {
  return peak === undefined ? '' : ` p${encodePeak(peak)}`
}

/** To the whole KiB. What is no size is none: a wrong measurement must not cost the event that carries it. */
function encodePeak(peak: number | null): string {
  const whole = peak === null ? -1 : Math.round(peak / 1024)
  return whole >= 0 && whole <= MOST_KIB ? String(whole) : '-'
}
