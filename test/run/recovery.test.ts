import { describe, expect, test } from 'vitest'
import type { By, RunEvent } from '../../src/model/event.ts'
import { itemIndex } from '../../src/model/ids.ts'
import { batchState, createRunState, STATUS } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, live, recovery, retrying, returned, runOf, succeeded } from '../helpers/facts.ts'

const plan = buildPlan({
  threads: 3,
  batches: [
    { id: 'a', count: 10, attempts: 3 },
    { id: 'b', count: 4 },
  ],
})
const item = itemIndex

const start = (thread: number): RunEvent => ({ type: 'thread.started', thread: thread as never })
const pause = (thread: number, by: By): RunEvent => ({ type: 'thread.paused', thread: thread as never, by })
const pauseBatch = (batch: number, by: By): RunEvent => ({ type: 'batch.paused', batch: batch as never, by })

test('an item on a thread goes back to the queue and remembers the death; its attempt stays used', () => {
  const state = runOf(plan, [chunk(0, [0, 1]), succeeded(0, [0]), recovery(plan)])
  expect(state.items.status.slice(0, 2)).toEqual(Uint8Array.of(STATUS.succeeded, STATUS.queued))
  expect(state.items.attempts.slice(0, 2)).toEqual(Uint16Array.of(1, 1))
  expect([...state.deaths]).toEqual([[1, 1]])
  live(state, [chunk(0, [1]), recovery(plan, { epoch: 3 })])
  expect(state.deaths.get(item(1))).toBe(2)
  expect(state.epoch).toBe(3)
})

test('an item that was lost once too often stays until it is said to have failed', () => {
  const state = runOf(plan, [chunk(0, [0, 1]), recovery(plan, { lost: [item(0)] })])
  expect(state.items.status[0]).toBe(STATUS.handed)
  expect(batchState(state, 0 as never).handed).toBe(1)
  live(state, [failed(0)])
  expect(batchState(state, 0 as never)).toMatchObject({ handed: 0, applied: { failed: 1 } })
  expect(state.threads[0]?.handed).toBe(0)
})

test('the death of a supervisor is forgotten when the item succeeds or a person has it tried again', () => {
  const state = runOf(plan, [chunk(0, [0, 1]), returned(0, [0], 'lost'), recovery(plan), chunk(0, [0, 1])])
  live(state, [recovery(plan), chunk(0, [0, 1]), succeeded(0, [0])])
  expect([state.losses.has(item(0)), state.deaths.has(item(0))]).toEqual([false, false])
  live(state, [failed(1), { type: 'items.requeued', failed: [item(1)], skipped: [], unskipped: [] }])
  expect(state.deaths.size).toBe(0)
})

test('backoff, failures and reasons are what they were', () => {
  const state = runOf(plan, [chunk(0, [0]), retrying(0, 9000), recovery(plan)])
  expect(state.backoff.at(item(0))).toBe(9000)
  expect([state.items.failures[0], state.reasons.get(item(0))?.message]).toEqual([1, 'broken'])
})

test('a clock that was set back lets nobody wait for a time that was', () => {
  const state = live(createRunState(plan), [chunk(0, [0]), retrying(0, 1_009_000)], { at: 1_000_000 })
  live(state, [recovery(plan)], { at: 4000 })
  expect(state.backoff.at(item(0))).toBe(13_000)
})

test('an item that is started more often than is counted never begins to count anew', () => {
  const state = runOf(plan)
  state.items.attempts[0] = 65_535
  state.items.failures[0] = 65_535
  live(state, [chunk(0, [0]), retrying(0, 5000)])
  expect([state.items.attempts[0], state.items.failures[0]]).toEqual([65_535, 65_535])
})

test('the end of the run before is taken back, and that of batches that are not complete', () => {
  const state = runOf(plan, [
    { type: 'run.draining', isNow: true },
    { type: 'batch.finished', batch: 0 as never, succeeded: 0, failed: 0, skipped: 0, ms: 1 as never },
    {
      type: 'run.finished',
      outcome: 'stopped',
      succeeded: 0,
      failed: 0,
      skipped: 0,
      left: 14,
      ms: 1 as never,
      exit: 3,
    },
    recovery(plan),
  ])
  expect(state).toMatchObject({ draining: 'no', endedAt: undefined, outcome: undefined, exit: undefined })
  expect(batchState(state, 0 as never).endedAt).toBeUndefined()
})

describe('threads', () => {
  test('only pauses of a person hold, and only on threads that are there', () => {
    const state = runOf(plan, [
      start(1),
      pause(1, 'user'),
      pause(2, 'governor'),
      pause(3, 'user'),
      recovery(plan, { threads: 2 }),
    ])
    expect(state.threads.map(({ paused, isStarted }) => [paused?.by, isStarted])).toEqual([
      ['user', false],
      [undefined, false],
      [undefined, false],
    ])
  })

  test('a batch that the machinery paused goes on, one that a person paused does not', () => {
    const state = runOf(plan, [pauseBatch(0, 'user'), pauseBatch(1, 'governor'), recovery(plan)])
    expect(state.batches.map(({ pausedBy }) => pausedBy)).toEqual(['user', undefined])
  })

  test('what ran when the supervisor died ends in the timeline where its journal ends', () => {
    const state = live(runOf(plan), [chunk(0, [0])], { at: 1000 })
    live(state, [chunk(0, [1], 2)], { at: 3000 })
    live(state, [recovery(plan)], { at: 90_000 })
    expect(state.spans.map(({ thread, from, to }) => [thread, from, to])).toEqual([
      [1, 1000, 3000],
      [2, 3000, 3000],
    ])
  })
})
