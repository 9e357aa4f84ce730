/** Compact text back to events; the format is described in encode.ts. Pure. Throws a plain Error at text that is none of it. */
import type { LogRef, RunEvent, ValueRef } from '../model/event.ts'
import type { BatchIndex, ItemIndex, ThreadNumber } from '../model/ids.ts'
import { batchIndex, itemIndex, threadNumber } from '../model/ids.ts'
import type { Reason } from '../model/reason.ts'
import type { Bytes } from '../model/units.ts'
import { bytes, millis, wallTime } from '../model/units.ts'
import { Scanner } from './scanner.ts'

interface Context {
  thread: ThreadNumber
  batch: BatchIndex
}

const code = (letter: string): number => letter.charCodeAt(0)
const NONE = code('-')
const COMMA = code(',')
const COLON = code(':')
const VALUES = code('v')
const LOGS = code('l')
const PEAK = code('p')
const LEFTOVER = code('x')
const NEWLINE = code('\n')

/** Events of one frame's body, in order. */
export function decodeEvents(body: Buffer): RunEvent[] {
  if (body.length > 0 && body.at(-1) !== NEWLINE) throw new Error('The last line has no end')
  const events: RunEvent[] = []
  const context: Context = { thread: threadNumber(-1), batch: batchIndex(-1) }
  const line = new Scanner(body)
  while (!line.isAtEnd) {
    const event = decodeLine(line, context)
    if (event) events.push(event)
  }
  return events
}

/** Undefined for a context line. */
function decodeLine(line: Scanner, context: Context): RunEvent | undefined {
  const letter = line.letter()
  switch (letter) {
    case code('T'):
      readContext(line, context)
      return undefined
    case code('S'):
      return decodeStarted(line, context)
    case code('D'):
      return decodeSucceeded(line, context)
    case code('R'):
      return decodeReturned(line, context)
    case code('A'):
      return decodeRetrying(line, context)
    case code('F'):
      return decodeFailed(line, context)
    case code('J'):
      return JSON.parse(line.rest()) as RunEvent
    default:
      throw new Error(`Unknown line: ${String.fromCharCode(letter)} ${line.rest().slice(0, 40)}`)
  }
}

function readContext(line: Scanner, context: Context): void {
  context.thread = threadNumber(line.whole())
  context.batch = batchIndex(line.isMore() ? line.whole() : -1)
  line.endLine()
}

function decodeStarted(line: Scanner, { thread, batch }: Context): RunEvent {
  const items = line.ranges() as ItemIndex[]
  line.endLine()
  return { type: 'chunk.started', thread, batch, items }
}

type Returned = RunEvent & { readonly type: 'items.returned' }

function decodeReturned(line: Scanner, { thread, batch }: Context): Returned {
  const how = line.word() as Returned['how']
  line.space()
  const items = line.ranges() as ItemIndex[]
  if (line.takes(NEWLINE)) return { type: 'items.returned', thread, batch, items, how }
  line.space()
  let peak = decodePeakField(line)
  const retryAt = peak ? undefined : wallTime(line.number())
  if (!peak && line.isMore()) peak = decodePeakField(line)
  line.endLine()
  return { type: 'items.returned', thread, batch, items, how, ...(retryAt === undefined ? {} : { retryAt }), ...peak }
}

function decodeSucceeded(line: Scanner, { thread, batch }: Context): RunEvent {
  const items = line.ranges() as ItemIndex[]
  line.space()
  const attempts = line.numbers(items.length)
  line.space()
  const ms = line.numbers(items.length)
  if (line.takes(NEWLINE)) return { type: 'items.succeeded', thread, batch, items, attempts, ms }
  return { type: 'items.succeeded', thread, batch, items, attempts, ms, ...decodeLists(line) }
}

type Succeeded = RunEvent & { readonly type: 'items.succeeded' }
type Lists = { -readonly [Key in 'values' | 'logs' | 'peaks' | 'leftovers']?: NonNullable<Succeeded[Key]> }

/** What only some successes have, each behind its letter, up to the end of the line. */
function decodeLists(line: Scanner): Lists {
  const lists: Lists = {}
  while (!line.takes(NEWLINE)) {
    line.space()
    if (line.takes(VALUES)) lists.values = decodeList(line, decodeValue)
    else if (line.takes(LOGS)) lists.logs = decodeList(line, decodeLog)
    else if (line.takes(PEAK)) lists.peaks = decodeList(line, decodePeak)
    else if (line.takes(LEFTOVER)) lists.leftovers = decodeList(line, (one) => one.whole())
    else throw new Error(`Unknown field: ${line.word().slice(0, 40)}`)
  }
  return lists
}

function decodeRetrying(line: Scanner, context: Context): RunEvent {
  const head = decodeEnded(line, context)
  const retryAt = wallTime(line.number())
  line.space()
  return { type: 'item.retrying', ...head, retryAt, ...decodeReason(line) }
}

function decodeFailed(line: Scanner, context: Context): RunEvent {
  return { type: 'item.failed', ...decodeEnded(line, context), ...decodeReason(line) }
}

function decodeEnded(line: Scanner, { thread }: Context) {
  const item = itemIndex(line.whole())
  line.space()
  const attempt = line.whole()
  line.space()
  const ms = millis(line.number())
  line.space()
  return { item, thread, attempt, ms }
}

/** The end of a line about an attempt that did not succeed: a log, what it took, and the reason as JSON. */
function decodeReason(line: Scanner): {
  readonly reason: Reason
  readonly log?: LogRef
  readonly peak?: Bytes
  readonly leftover?: number
} {
  const log = decodeLog(line)
  line.space()
  const peak = decodePeakField(line)
  if (peak) line.space()
  const left = line.takes(LEFTOVER) ? { leftover: line.whole() } : undefined
  if (left) line.space()
  const reason = JSON.parse(line.rest()) as Reason
  return { reason, ...(log ? { log } : {}), ...peak, ...left }
}

/** A list behind its letter. */
function decodeList<T>(line: Scanner, decode: (line: Scanner) => T): T[] {
  if (line.isAtFieldEnd) return []
  const list = [decode(line)]
  while (line.takes(COMMA)) list.push(decode(line))
  return list
}

function decodeValue(line: Scanner): ValueRef | null {
  if (line.takes(NONE)) return null
  const offset = line.whole()
  line.expect(COLON)
  return { offset, length: line.whole() }
}

function decodeLog(line: Scanner): LogRef | null {
  if (line.takes(NONE)) return null
  const file = line.whole()
  line.expect(COLON)
  const offset = line.whole()
  line.expect(COLON)
  return { file, offset, length: line.whole() }
}

/** Undefined where the field that begins here is another. */
function decodePeakField(line: Scanner): { readonly peak?: Bytes } | undefined {
  if (!line.takes(PEAK)) return undefined
  const peak = decodePeak(line)
  return peak === null ? {} : { peak: bytes(peak) }
}

function decodePeak(line: Scanner): number | null {
  return line.takes(NONE) ? null : line.whole() * 1024
}
