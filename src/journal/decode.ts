/** Compact text back to events; the format is described in encode.ts. Pure. Throws a plain Error at text that is none of it. */
import type { LogRef, RunEvent, ValueRef } from '../model/event.ts'
import type { BatchIndex, ItemIndex, ThreadNumber } from '../model/ids.ts'
import { batchIndex, itemIndex, threadNumber } from '../model/ids.ts'
import type { Reason } from '../model/reason.ts'
import { millis, wallTime } from '../model/units.ts'

interface Context {
  thread: ThreadNumber
  batch: BatchIndex
}

/** Events of one frame's body, in order. */
export function decodeEvents(text: string): RunEvent[] {
  const events: RunEvent[] = []
  const context: Context = { thread: threadNumber(-1), batch: batchIndex(-1) }
  let start = 0
  while (start < text.length) {
    const end = text.indexOf('\n', start)
    if (end < 0) throw new Error('The last line has no end')
    const line = text.slice(start, end)
    start = end + 1
    if (line.startsWith('T ')) readContext(line, context)
    else events.push(decodeLine(line, context))
  }
  return events
}

function readContext(line: string, context: Context): void {
  const [, thread, batch] = line.split(' ')
  context.thread = threadNumber(whole(thread))
  context.batch = batchIndex(batch === undefined ? -1 : whole(batch))
}

function decodeLine(line: string, context: Context): RunEvent {
  switch (line.slice(0, 2)) {
    case 'S ':
      return { type: 'chunk.started', ...context, items: decodeItems(line.slice(2)) }
    case 'R ':
      return decodeReturned(line, context)
    case 'D ':
      return decodeSucceeded(line, context)
    case 'A ':
      return decodeRetrying(line, context)
    case 'F ':
      return decodeFailed(line, context)
    case 'J ':
      return JSON.parse(line.slice(2)) as RunEvent
    default:
      throw new Error(`Unknown line: ${line.slice(0, 40)}`)
  }
}

type Returned = RunEvent & { readonly type: 'items.returned' }

function decodeReturned(line: string, context: Context): Returned {
  const [, how, items, retryAt] = line.split(' ')
  return {
    type: 'items.returned',
    ...context,
    items: decodeItems(items),
    how: how as Returned['how'],
    ...(retryAt === undefined ? {} : { retryAt: wallTime(Number(retryAt)) }),
  }
}

function decodeSucceeded(line: string, context: Context): RunEvent {
  const fields = line.split(' ')
  const items = decodeItems(fields[1])
  let values: (ValueRef | null)[] | undefined
  let logs: (LogRef | null)[] | undefined
  for (let place = 4; place < fields.length; place++) {
    const field = fields[place] as string
    if (field.startsWith('v')) values = decodeList(field, decodeValue)
    else if (field.startsWith('l')) logs = decodeList(field, decodeLog)
    else throw new Error(`Unknown field: ${field.slice(0, 40)}`)
  }
  return {
    type: 'items.succeeded',
    thread: context.thread,
    batch: context.batch,
    items,
    attempts: decodeNumbers(fields[2], items.length),
    ms: decodeNumbers(fields[3], items.length),
    ...(values ? { values } : {}),
    ...(logs ? { logs } : {}),
  }
}

function decodeRetrying(line: string, { thread }: Context): RunEvent {
  const [, item, attempt, ms, retryAt, logText] = line.split(' ', 6)
  const log = decodeLog(logText)
  return {
    type: 'item.retrying',
    thread,
    item: itemIndex(whole(item)),
    attempt: whole(attempt),
    ms: millis(Number(ms)),
    retryAt: wallTime(Number(retryAt)),
    reason: decodeReason(line),
    ...(log ? { log } : {}),
  }
}

function decodeFailed(line: string, { thread }: Context): RunEvent {
  const [, item, attempt, ms, logText] = line.split(' ', 5)
  const log = decodeLog(logText)
  return {
    type: 'item.failed',
    thread,
    item: itemIndex(whole(item)),
    attempt: whole(attempt),
    ms: millis(Number(ms)),
    reason: decodeReason(line),
    ...(log ? { log } : {}),
  }
}

/** The reason is the rest of the line from the first brace: no field before it can hold one. */
function decodeReason(line: string): Reason {
  return JSON.parse(line.slice(line.indexOf('{'))) as Reason
}

function decodeItems(text = ''): ItemIndex[] {
  const items: ItemIndex[] = []
  if (text === '.') return items
  for (const part of text.split(',')) {
    const dash = part.indexOf('-')
    if (dash < 0) {
      items.push(itemIndex(whole(part)))
      continue
    }
    const last = whole(part.slice(dash + 1))
    for (let item = whole(part.slice(0, dash)); item <= last; item++) items.push(itemIndex(item))
  }
  return items
}

function decodeNumbers(text = '', length: number): number[] {
  if (text === '.') return []
  const numbers: number[] = []
  if (text.includes(',')) for (const part of text.split(',')) numbers.push(Number(part))
  else for (const value = Number(text); numbers.length < length; ) numbers.push(value)
  if (numbers.length !== length) throw new Error(`${length} items with ${numbers.length} numbers`)
  return numbers
}

/** A list behind its letter. */
function decodeList<T>(field: string, decode: (text: string) => T): T[] {
  return field.length === 1 ? [] : field.slice(1).split(',').map(decode)
}

function decodeValue(text: string): ValueRef | null {
  if (text === '-') return null
  const colon = text.indexOf(':')
  return { offset: whole(text.slice(0, colon)), length: whole(text.slice(colon + 1)) }
}

function decodeLog(text = '-'): LogRef | null {
  if (text === '-') return null
  const [file, offset, length] = text.split(':')
  return { file: whole(file), offset: whole(offset), length: whole(length) }
}

function whole(text = ''): number {
  const value = Number(text)
  if (text === '' || !Number.isSafeInteger(value)) throw new Error(`Not a whole number: ${text.slice(0, 40)}`)
  return value
}
