import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeEvents } from '../../src/journal/decode.ts'
import { encodeEvents } from '../../src/journal/encode.ts'
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, threadNumber } from '../../src/model/ids.ts'
import { millis, wallTime } from '../../src/model/units.ts'
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

test.each(['X 1\n', 'S 1-x\n', 'D 1-2 1 1,2,3\n', 'D 1 1 1 z\n', 'T 1 1', 'S 1'])('%j is refused', (text) => {
  expect(() => decodeEvents(Buffer.from(text))).toThrow(Error)
})
