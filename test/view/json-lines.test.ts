import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import { bytes, millis, wallTime } from '../../src/model/units.ts'
import type { ValueTexts } from '../../src/view/json-lines.ts'
import { createJsonLines } from '../../src/view/json-lines.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { listedPlan } from '../helpers/edit-plan.ts'
import { recovery } from '../helpers/facts.ts'

const plan = buildPlan({
  batches: [
    { id: 'a', count: 4 },
    { id: 'b', count: 3 },
  ],
})
const iso = (at: number) => new Date(at).toISOString()
const [a, b] = [batchIndex(0), batchIndex(1)]
const thread = threadNumber(2)
const item = (index: number) => itemIndex(index)

/** The lines of all events, as text and read back. */
function lines(events: readonly RunEvent[], values: ValueTexts = []) {
  const linesOf = createJsonLines({ plans: [plan], run: runId('7f3a'), iso })
  const texts = events.flatMap((event, place) => {
    return linesOf({ seq: place + 1, at: wallTime(1000), event }, values)
  })
  return { texts, read: texts.map((text) => JSON.parse(text) as Record<string, unknown>) }
}

const started: RunEvent = {
  type: 'run.started',
  run: runId('7f3a'),
  plan: 'test',
  items: 7,
  threads: 2,
  memory: plan.memory,
  epoch: 1,
}

test('every line has version, time, run, type and number', () => {
  expect(lines([started]).read).toEqual([
    {
      v: 1,
      at: '1970-01-01T00:00:01.000Z',
      run: '7f3a',
      type: 'run.started',
      seq: 1,
      plan: 'test',
      items: 7,
      threads: 2,
      memory: { budget: 12 * 2 ** 30, perThread: 2 * 2 ** 30, reserve: 4 * 2 ** 30, total: 16 * 2 ** 30 },
    },
  ])
})

test('a group of successes is a line each, with values as they were returned', () => {
  const event: RunEvent = {
    type: 'items.succeeded',
    thread,
    batch: a,
    items: [item(0), item(2)],
    attempts: [1, 3],
    ms: [1.23456, 20],
    values: [{ offset: 0, length: 3 }, null],
  }
  const { texts, read } = lines([event], ['{"big": 12345678901234567890}', undefined])
  expect(read).toMatchObject([
    { type: 'item.succeeded', batch: 'a', item: 'a-001', number: 1, thread: 2, attempt: 1, ms: 1.23 },
    { type: 'item.succeeded', batch: 'a', item: 'a-003', number: 3, thread: 2, attempt: 3, ms: 20 },
  ])
  // Spliced in, not read and written again, which would have cost the number its last digits.
  expect(texts[0]).toContain('"value":{"big": 12345678901234567890}}')
  expect(read[1]).not.toHaveProperty('value')
})

test('what only concerns the machinery is no line', () => {
  const events: RunEvent[] = [
    { type: 'chunk.started', thread, batch: a, items: [item(0)] },
    { type: 'items.returned', thread, batch: a, items: [item(0)], how: 'untouched' },
  ]
  expect(lines(events).texts).toEqual([])
})

test.each<[RunEvent, object]>([
  [
    { type: 'thread.paused', thread, by: 'user' },
    { type: 'thread.paused', thread: 2, by: 'user' },
  ],
  [
    { type: 'thread.replaced', thread, reason: { kind: 'lost', message: 'gone' } },
    { thread: 2, reason: { kind: 'lost', message: 'gone' } },
  ],
  [
    { type: 'batch.started', batch: b },
    { type: 'batch.started', batch: 'b' },
  ],
  [
    { type: 'batch.paused', batch: b, by: 'user' },
    { type: 'batch.paused', batch: 'b', by: 'user' },
  ],
  [
    { type: 'batch.finished', batch: a, succeeded: 3, failed: 1, skipped: 0, ms: millis(5) },
    { batch: 'a', succeeded: 3, failed: 1, skipped: 0, ms: 5 },
  ],
  [
    {
      type: 'item.retrying',
      item: item(5),
      thread,
      attempt: 1,
      ms: millis(7),
      reason: { kind: 'threw', message: 'no' },
      retryAt: wallTime(3000),
    },
    {
      batch: 'b',
      item: 'b-002',
      number: 6,
      attempt: 1,
      reason: { kind: 'threw', message: 'no' },
      retryAt: '1970-01-01T00:00:03.000Z',
    },
  ],
  [
    {
      type: 'item.failed',
      item: item(5),
      thread,
      attempt: 2,
      ms: millis(7),
      reason: { kind: 'timeout', message: 'late' },
    },
    { type: 'item.failed', item: 'b-002', attempt: 2, reason: { kind: 'timeout', message: 'late' } },
  ],
  [
    { type: 'run.draining', isNow: true },
    { type: 'run.draining', now: true },
  ],
  [
    { type: 'run.finished', outcome: 'stopped', succeeded: 1, failed: 0, skipped: 0, left: 6, ms: millis(9), exit: 3 },
    { type: 'run.finished', outcome: 'stopped', succeeded: 1, failed: 0, skipped: 0, left: 6, ms: 9, exit: 3 },
  ],
])('$type', (event, fields) => {
  expect(lines([started, event]).read[1]).toMatchObject(fields)
})

test('where the output of an item stands is nobody else’s business', () => {
  const failed: RunEvent = {
    type: 'item.failed',
    item: item(0),
    thread,
    attempt: 1,
    ms: millis(1),
    reason: { kind: 'threw', message: 'no' },
    log: { file: 1, offset: 2, length: 3 },
  }
  expect(lines([failed]).read[0]).not.toHaveProperty('log')
})

test('after a recovery with another plan, numbers and names are those of that plan', () => {
  const memory = plan.memory
  const later = listedPlan([{ id: 'b', items: ['new', 'b-002', 'b-001'] }])
  const linesOf = createJsonLines({ plans: [plan, later], run: runId('7f3a'), iso })
  const events: RunEvent[] = [
    started,
    { type: 'chunk.started', thread, batch: b, items: [item(4)] },
    { type: 'items.succeeded', thread, batch: b, items: [item(4)], attempts: [1], ms: [1] },
    { ...recovery(later, { planVersion: 2, succeeded: 1, requeued: 2, new: 1, gone: 5, paused: 1 }), memory },
    { type: 'items.succeeded', thread, batch: batchIndex(0), items: [item(1)], attempts: [1], ms: [1] },
    { type: 'items.skipped', batch: batchIndex(0), items: 'rest', count: 1, because: { kind: 'need', id: 'x' } },
  ]
  const read = events.flatMap((event, place) => {
    return linesOf({ seq: place + 1, at: wallTime(1000), event }).map((text) => JSON.parse(text) as object)
  })
  expect(read.slice(1)).toMatchObject([
    { type: 'item.succeeded', batch: 'b', item: 'b-001', number: 5 },
    {
      type: 'run.recovered',
      plan: 'test',
      items: 3,
      threads: 2,
      memory: { total: memory.total },
      epoch: 2,
      succeeded: 1,
      requeued: 2,
      new: 1,
      gone: 5,
      paused: 1,
    },
    { type: 'item.succeeded', batch: 'b', item: 'b-002', number: 2 },
    { type: 'item.skipped', batch: 'b', item: 'new', number: 1 },
  ])
})

const names = (read: readonly Record<string, unknown>[], type: string) =>
  read.filter((line) => line['type'] === type).map((line) => line['item'])

describe('items that an event does not list', () => {
  test('the rest of a batch is what has neither ended nor runs', () => {
    const events: RunEvent[] = [
      started,
      { type: 'chunk.started', thread, batch: a, items: [item(0), item(1)] },
      { type: 'items.succeeded', thread, batch: a, items: [item(0)], attempts: [1], ms: [1] },
      { type: 'items.skipped', batch: a, items: 'rest', count: 2, because: { kind: 'need', id: 'b' } },
    ]
    const { read } = lines(events)
    expect(names(read, 'item.skipped')).toEqual(['a-003', 'a-004'])
    expect(read.at(-1)).toMatchObject({ because: { kind: 'need', id: 'b' }, number: 4 })
  })

  test('items that are put back with their batch only', () => {
    const events: RunEvent[] = [
      started,
      { type: 'chunk.started', thread, batch: a, items: [item(0)] },
      {
        type: 'item.failed',
        item: item(0),
        thread,
        attempt: 1,
        ms: millis(1),
        reason: { kind: 'threw', message: 'no' },
      },
      { type: 'items.skipped', batch: b, items: [item(4)], count: 1, because: { kind: 'user' } },
      { type: 'items.skipped', batch: b, items: 'rest', count: 2, because: { kind: 'need', id: 'a' } },
      { type: 'items.requeued', failed: [item(0)], skipped: [], unskipped: [{ batch: b, count: 2 }] },
    ]
    expect(names(lines(events).read, 'item.requeued')).toEqual(['a-001', 'b-002', 'b-003'])
  })
})

describe('memory', () => {
  const peaks = { items: [item(0), item(1)], attempts: [1, 1], ms: [1, 1], peaks: [310_000_000, null] }

  test('an attempt says what it took where somebody looked', () => {
    const memory = { kind: 'memory', message: 'took 2.1 GB', peak: bytes(7), cap: bytes(6), wasAlone: true } as const
    const attempt = { item: item(2), thread, attempt: 1, ms: millis(5), reason: memory, peak: bytes(7) }
    const { read } = lines([
      { type: 'items.succeeded', thread, batch: a, ...peaks },
      { type: 'item.retrying', ...attempt, retryAt: wallTime(2000) },
      { type: 'item.failed', ...attempt, attempt: 2 },
    ])
    expect(read[0]).toMatchObject({ item: 'a-001', peak: 310_000_000 })
    expect(read[1]).not.toHaveProperty('peak')
    const reason = { kind: 'memory', message: 'took 2.1 GB', peak: 7, cap: 6 }
    expect(read.slice(2)).toEqual([
      expect.objectContaining({ type: 'item.retrying', peak: 7, reason }),
      expect.objectContaining({ type: 'item.failed', peak: 7, reason }),
    ])
  })

  test('what the governor did is a line as the contract has it', () => {
    const act = { before: bytes(1900), after: bytes(1200), ms: millis(812.345), why: '10.4 GB of 12 GB in sight' }
    const { read } = lines([
      { type: 'governor.acted', stage: 'reclaim', thread, ...act },
      { type: 'governor.acted', stage: 'hold', ...act },
    ])
    const head = { v: 1, at: '1970-01-01T00:00:01.000Z', run: '7f3a', type: 'governor.acted' }
    const told = { before: 1900, after: 1200, ms: 812.35, why: '10.4 GB of 12 GB in sight' }
    expect(read).toEqual([
      { ...head, seq: 1, stage: 'reclaim', thread: 2, ...told },
      { ...head, seq: 2, stage: 'hold', ...told },
    ])
  })

  test('an eviction is a line of its item, which says that memory was the reason', () => {
    const evicted = {
      type: 'items.returned',
      thread,
      batch: a,
      items: [item(0)],
      how: 'evicted',
      peak: bytes(1),
    } as const
    expect(lines([evicted]).read).toMatchObject([
      { type: 'item.requeued', number: 1, thread, peak: 1, because: { kind: 'memory' } },
    ])
  })
})
