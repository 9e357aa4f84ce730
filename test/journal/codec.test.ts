import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEvents } from '../../src/journal/decode.ts'
import { encodeEvents } from '../../src/journal/encode.ts'
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, threadNumber } from '../../src/model/ids.ts'
import { bytes, millis, wallTime } from '../../src/model/units.ts'
import { anyEvent } from '../helpers/events.ts'

const thread = threadNumber(3)
const batch = batchIndex(1)
const items = (...numbers: number[]) => numbers.map(itemIndex)

const taking = (ms: number): RunEvent => ({
  type: 'items.succeeded',
  thread,
  batch,
  items: items(1),
  attempts: [1],
  ms: [ms],
})

test('any events come back from their text as they were', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 12 }), (events) => {
      expect(decodeEvents(Buffer.from(encodeEvents(events)))).toEqual(events)
    }),
  )
})

test('events of one thread and batch share a context line', () => {
  const started: RunEvent = { type: 'chunk.started', thread, batch, items: items(3, 4, 5) }
  const done: RunEvent = {
    type: 'items.succeeded',
    thread,
    batch,
    items: items(3, 4, 5),
    attempts: [1, 1, 1],
    ms: [0.5, 12, 0.04],
    values: [{ offset: 24, length: 7 }, null, { offset: 60, length: 2 }],
  }
  const failed: RunEvent = {
    type: 'item.failed',
    thread,
    item: itemIndex(9),
    attempt: 2,
    ms: millis(1.5),
    reason: { kind: 'threw', message: 'two\nlines {' },
    log: { file: 1, offset: 0, length: 80 },
  }
  const elsewhere: RunEvent = { type: 'chunk.started', thread, batch: batchIndex(2), items: items(20, 9, 10, 40) }
  expect(encodeEvents([started, done, failed, elsewhere, { type: 'thread.stopped', thread }])).toBe(
    [
      'T 3 1',
      'S 3-5',
      'D 3-5 1 0.5,12,0.04 v24:7,-,60:2',
      'F 9 2 1.5 1:0:80 {"kind":"threw","message":"two\\nlines {"}',
      'T 3 2',
      'S 20,9-10,40',
      'J {"type":"thread.stopped","thread":3}',
      '',
    ].join('\n'),
  )
})

test('an event that knows no batch makes the next one say its own', () => {
  const first: RunEvent = {
    type: 'item.retrying',
    thread: threadNumber(1),
    item: itemIndex(0),
    attempt: 1,
    ms: millis(1),
    retryAt: wallTime(1_700_000_000_000),
    reason: { kind: 'timeout', message: 'after 1 s' },
  }
  const events: RunEvent[] = [
    { type: 'chunk.started', thread, batch, items: items(1) },
    first,
    { type: 'chunk.started', thread: threadNumber(1), batch: batchIndex(0), items: items(2) },
  ]
  expect(decodeEvents(Buffer.from(encodeEvents(events)))).toEqual(events)
})

const taking1 = (peak: number): RunEvent => ({
  type: 'item.failed',
  thread,
  item: itemIndex(9),
  attempt: 2,
  ms: millis(1.5),
  reason: { kind: 'timeout', message: 'after 1 s' },
  peak: bytes(peak),
})

test('memory is said in whole KiB, behind everything that lines had before it', () => {
  const done = { ...taking(1), peaks: [3 * 1024] } as RunEvent
  const all = { ...done, items: items(1, 2), attempts: [1, 1], ms: [1, 1], logs: [null, null], peaks: [null, 2 ** 31] }
  const evicted: RunEvent = { type: 'items.returned', thread, batch, items: items(4), how: 'evicted' }
  expect(encodeEvents([done, all as RunEvent, { ...evicted, peak: bytes(2 ** 20) }, evicted, taking1(2048)])).toBe(
    [
      'T 3 1',
      'D 1 1 1 p3',
      'D 1-2 1 1 l-,- p-,2097152',
      'R evicted 4 p1024',
      'R evicted 4',
      'F 9 2 1.5 - p2 {"kind":"timeout","message":"after 1 s"}',
      '',
    ].join('\n'),
  )
})

test('a size that is none costs no event: it is rounded, or left out where there is nothing to round', () => {
  const read = (peak: number) => decodeEvents(Buffer.from(encodeEvents([taking1(peak)])))
  expect(read(2047)).toEqual([taking1(2048)])
  const { peak: _, ...bare } = taking1(0) as Extract<RunEvent, { type: 'item.failed' }>
  for (const peak of [Number.NaN, -5000, Number.POSITIVE_INFINITY]) expect(read(peak)).toEqual([bare])
  const done = { ...taking(1), peaks: [Number.NaN] } as RunEvent
  expect(decodeEvents(Buffer.from(encodeEvents([done])))).toEqual([{ ...done, peaks: [null] }])
})

test('times are kept to the hundredth of a millisecond', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), (ms) => {
      expect(decodeEvents(Buffer.from(encodeEvents([taking(ms)])))).toEqual([taking(Math.round(ms * 100) / 100)])
    }),
  )
})

test('what is no time is a bug and not journaled', () => {
  expect(() => encodeEvents([taking(Number.NaN)])).toThrow('no time')
  expect(() => encodeEvents([taking(-1)])).toThrow('no time')
})

test.each([
  'X 1\n',
  'S 1-x\n',
  'D 1-2 1 1,2,3\n',
  'D 1 1 1 z\n',
  'D 1 1 1 p1,\n',
  'R evicted 1 p1 2\n',
  'T 1 1',
  'S 1',
])('%j is refused', (text) => {
  expect(() => decodeEvents(Buffer.from(text))).toThrow(Error)
})
