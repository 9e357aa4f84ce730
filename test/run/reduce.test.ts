import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { Reason } from '../../src/model/reason.ts'
import { bytes, wallTime } from '../../src/model/units.ts'
import { releaseDue } from '../../src/run/reduce/chunks.ts'
import type { RunState } from '../../src/run/state.ts'
import { batchState, ended, queued, STATUS } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, live, retrying, returned, runOf, succeeded } from '../helpers/facts.ts'

const plan = buildPlan({
  batches: [
    { id: 'a', count: 10, attempts: 3 },
    { id: 'b', count: 4 },
  ],
})
const a = batchIndex(0)

const memory = (peak: number): Reason => ({ kind: 'memory', message: 'too much', peak: bytes(peak) })
const known = (state: RunState) => state.appetites.get(itemIndex(0))
const evicted = () => runOf(plan, [chunk(0, [0, 1]), returned(0, [0], 'evicted', { peak: 700 })])

describe('items', () => {
  test('handed out, succeeded, failed and queued items of a batch always add up to all of them', () => {
    const state = runOf(plan, [chunk(0, [0, 1, 2]), succeeded(0, [0, 1]), failed(2), chunk(0, [3, 4])])
    const batch = batchState(state, a)
    expect(batch).toMatchObject({ handed: 2, waiting: 0, applied: { succeeded: 2, failed: 1 } })
    expect(queued(batch) + batch.handed + batch.waiting + ended(batch.applied)).toBe(10)
  })

  test('an item taken back before it began has not used an attempt, one ended by a stop has', () => {
    const state = runOf(plan, [chunk(0, [0, 1]), returned(0, [1], 'untouched'), returned(0, [0], 'interrupted')])
    expect(Array.from(state.items.attempts.slice(0, 2))).toEqual([1, 0])
    expect(Array.from(state.items.failures.slice(0, 2))).toEqual([0, 0])
    expect(queued(batchState(state, a))).toBe(10)
  })

  test('an item in backoff is not in the queue until it is due', () => {
    const state = runOf(plan, [chunk(0, [0]), retrying(0, 5000)])
    expect(batchState(state, a).waiting).toBe(1)
    expect(releaseDue(state, wallTime(4900))).toBe(0)
    expect(releaseDue(state, wallTime(5000))).toBe(1)
    expect(state.items.status[0]).toBe(STATUS.queued)
    expect(batchState(state, a).waiting).toBe(0)
  })

  test('only the item that ran when its process died counts a loss', () => {
    const state = runOf(plan, [chunk(0, [0, 1]), returned(0, [0], 'lost'), returned(0, [1], 'orphaned')])
    expect(state.losses.get(itemIndex(0))).toBe(1)
    expect(state.losses.has(itemIndex(1))).toBe(false)
  })

  describe('that had too little memory', () => {
    test('are known with the most they took, how often they failed for it, and use none of their tries', () => {
      const state = runOf(plan, [chunk(0, [0]), returned(0, [0], 'evicted', { peak: 700 }), chunk(0, [0])])
      expect(known(state)).toEqual({ failures: 0, peak: 700 })
      live(state, [retrying(0, 5000, { peak: 800, reason: memory(500) })])
      expect(known(state)).toEqual({ failures: 1, peak: 800 })
      live(state, [chunk(0, [0]), retrying(0, 6000, { peak: 600, reason: memory(900) })])
      expect(known(state)).toEqual({ failures: 2, peak: 900 })
      live(state, [chunk(0, [0]), returned(0, [0], 'evicted', { peak: 100 }), chunk(0, [0])])
      expect(known(state)).toEqual({ failures: 2, peak: 900 })
      expect([state.items.failures[0], state.items.attempts[0]]).toEqual([0, 5])
    })

    test('are like any other once they have ended, however they did', () => {
      const skip: RunEvent = { type: 'items.skipped', batch: a, items: 'rest', count: 9, because: { kind: 'user' } }
      const ends = [[chunk(0, [0]), succeeded(0, [0])], [chunk(0, [0]), failed(0)], [skip]]
      for (const end of ends) expect(live(evicted(), end).appetites.size).toBe(0)
      const failure = live(evicted(), [chunk(0, [0]), failed(0, { reason: memory(800) })])
      expect([failure.appetites.size, failure.items.failures[0]]).toEqual([0, 0])
    })

    test('are not known where nobody looked', () => {
      expect(runOf(plan, [chunk(0, [0]), returned(0, [0], 'evicted')]).appetites.size).toBe(0)
    })
  })

  test('skipping the rest of a batch leaves what runs and what has ended alone', () => {
    const skip: RunEvent = {
      type: 'items.skipped',
      batch: a,
      items: 'rest',
      count: 8,
      because: { kind: 'need', id: 'x' },
    }
    const state = runOf(plan, [chunk(0, [0, 1]), succeeded(0, [0]), skip])
    expect(batchState(state, a)).toMatchObject({
      handed: 1,
      applied: { succeeded: 1, skipped: 8 },
      durable: { skipped: 8 },
    })
    expect(state.items.status[1]).toBe(STATUS.handed)
  })

  test('a retry by a person gives failed and skipped items back with a fresh budget, and un-skips who needed them', () => {
    const state = runOf(plan, [
      chunk(0, [0, 1]),
      failed(0),
      failed(1),
      { type: 'items.skipped', batch: batchIndex(1), items: 'rest', count: 4, because: { kind: 'need', id: 'a' } },
      {
        type: 'items.requeued',
        failed: [itemIndex(0), itemIndex(1)],
        skipped: [],
        unskipped: [{ batch: batchIndex(1), count: 4 }],
      },
    ])
    expect(queued(batchState(state, a))).toBe(10)
    expect(queued(batchState(state, batchIndex(1)))).toBe(4)
    expect(batchState(state, a).durable.failed).toBe(0)
    expect(batchState(state, batchIndex(1)).durable.skipped).toBe(0)
    expect(state.items.failures[0]).toBe(0)
  })
})

describe('two watermarks', () => {
  test('what is not on disk yet has happened but is not done', () => {
    const state = live(runOf(plan), [chunk(0, [0]), succeeded(0, [0])], { isDurable: false })
    expect(batchState(state, a).applied.succeeded).toBe(1)
    expect(batchState(state, a).durable.succeeded).toBe(0)
    expect(state.seq).toBe(0)
  })
})

describe('threads and timeline', () => {
  test('a thread that goes from chunk to chunk of a batch is one stretch of the timeline, another batch begins a new one', () => {
    const state = runOf(plan)
    live(state, [chunk(0, [0]), succeeded(0, [0])], { at: 1000 })
    live(state, [chunk(0, [1]), succeeded(0, [1])], { at: 1500 })
    live(state, [chunk(1, [10])], { at: 2000 })
    expect(state.spans).toEqual([
      { thread: 1, batch: 0, from: 1000, to: 1500 },
      { thread: 1, batch: 1, from: 2000, to: undefined },
    ])
  })

  test('a pause is remembered with who and when, and forgotten with the resume', () => {
    const thread = threadNumber(2)
    const state = live(runOf(plan), [{ type: 'thread.paused', thread, by: 'user' }], { at: 7000 })
    expect(state.threads[1]?.paused).toEqual({ by: 'user', at: 7000 })
    live(state, [{ type: 'thread.resumed', thread, by: 'user' }])
    expect(state.threads[1]?.paused).toBeUndefined()
  })

  test('successes and chunks are no lines for a screen, failures are', () => {
    const state = runOf(plan, [chunk(0, [0, 1]), succeeded(0, [0]), failed(1)])
    expect(state.events.map(({ event, name, batch }) => [event.type, name, batch])).toEqual([
      ['item.failed', 'a-002', 'a'],
    ])
  })
})

test('a line about many items says how many, and does not carry them all to every screen', () => {
  const large = buildPlan({ batches: [{ id: 'a', count: 500 }] })
  const items = Array.from({ length: 300 }, (_, item) => itemIndex(item))
  const state = runOf(large, [
    { type: 'items.skipped', batch: a, items, count: 300, because: { kind: 'user' } },
    { type: 'items.requeued', failed: [], skipped: items, unskipped: [] },
    { type: 'items.skipped', batch: a, items: items.slice(0, 100), count: 100, because: { kind: 'user' } },
  ])
  expect(state.events.map(({ count, name }) => [count, name])).toEqual([
    [300, 'a-001'],
    [300, 'a-001'],
    [undefined, 'a-001'],
  ])
  expect(JSON.stringify(state.events).length).toBeLessThan(3000)
  expect(batchState(state, a).applied.skipped).toBe(100)
})

describe('reasons', () => {
  test('are kept in full for ten thousand items; of the others the kind stays', () => {
    const large = buildPlan({ batches: [{ id: 'a', count: 10_002 }] })
    const all = Array.from({ length: 10_002 }, (_, item) => item)
    const state = runOf(large, [chunk(0, all), ...all.map((item) => failed(item))])
    expect(state.reasons.get(itemIndex(9999))?.message).toBe('broken')
    expect(state.reasons.get(itemIndex(10_000))).toEqual({ kind: 'threw', message: 'see its log' })
    expect(state.reasons.get(itemIndex(10_000))).toBe(state.reasons.get(itemIndex(10_001)))
    live(state, [
      { type: 'items.requeued', failed: [itemIndex(0)], skipped: [], unskipped: [] },
      chunk(0, [0]),
      succeeded(0, [0]),
    ])
    expect(state.reasons.get(itemIndex(0))).toBeUndefined()
    expect(state.reasons.size).toBe(10_001)
  })
})
