import { expect, test } from 'vitest'
import type { Chunk } from '../../src/model/chunk.ts'
import type { RunEvent } from '../../src/model/event.ts'
import { bytes, wallTime } from '../../src/model/units.ts'
import { createLive, createLiveThread, movingThreads } from '../../src/run/live.ts'
import { freezeClock, holdChunk, leavePlaces, observeSample, thawClock } from '../../src/run/observe.ts'
import { snapshotOf } from '../../src/run/snapshot.ts'
import type { RunState } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, live as happen, retrying, runOf, succeeded } from '../helpers/facts.ts'

const plan = buildPlan({
  threads: 2,
  batches: [
    { id: 'a', count: 5, attempts: 3 },
    { id: 'b', count: 5, needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] },
  ],
})
const context = {
  stateDir: '/state',
  isForeground: false,
  isLive: true,
  blockedBy: (batch: number) => (batch === 1 ? ['a'] : []),
}

function held(state: RunState, items: readonly number[]): Chunk {
  const batch = state.plan.batches[0] as RunState['plan']['batches'][number]
  return {
    id: 1,
    batch: { index: batch.index, id: batch.id, work: batch.work, results: [], special: {} },
    items: items as Chunk['items'],
    names: items.map((item) => `a-00${item + 1}`),
    attempts: items.map(() => 1),
  }
}

const sample = (used: number) => ({
  system: { total: bytes(100), available: bytes(50) },
  threads: [1, 2].map((thread) => ({ thread: thread as never, used: bytes(used), cpu: 0.5 })),
})

test('the counts of the head add up to the total, at every moment', () => {
  const state = runOf(plan, [
    chunk(0, [0, 1]),
    succeeded(0, [0]),
    chunk(0, [2]),
    retrying(2, 9000),
    chunk(0, [3]),
    failed(3),
  ])
  const live = createLive({ perThread: bytes(1), budget: bytes(100) })
  live.threads.push(createLiveThread(1))
  holdChunk(live.threads[0] as never, held(state, [1]), wallTime(0))
  const { head } = snapshotOf(state, live, { ...context, now: wallTime(2000) })
  expect(head).toMatchObject({
    total: 10,
    succeeded: 1,
    failed: 1,
    skipped: 0,
    running: 1,
    waiting: 1,
    queued: 6,
    state: 'running',
  })
})

test('a thread shows the item it runs, and a frozen one a clock that stands still and goes on where it was', () => {
  const state = runOf(plan, [chunk(0, [0, 1])])
  const live = createLive({ perThread: bytes(1), budget: bytes(100) })
  const thread = createLiveThread(1)
  live.threads.push(thread)
  thread.process = 'ready'
  holdChunk(thread, held(state, [0, 1]), wallTime(1000))
  leavePlaces(thread.held as never, [0], wallTime(3000))
  const view = () => snapshotOf(state, live, { ...context, now: wallTime(9000) }).threads[0]
  expect(view()).toMatchObject({
    state: 'running',
    item: { name: 'a-002', attempt: 1, tries: 3 },
    clock: { since: 3000 },
  })
  freezeClock(thread, wallTime(5000))
  thread.pause = 'paused'
  expect(view()).toMatchObject({ state: 'paused', clock: { elapsed: 2000 } })
  thawClock(thread, wallTime(8000))
  thread.pause = 'none'
  expect(view()).toMatchObject({ state: 'running', clock: { since: 6000 } })
})

test('a thread with nothing to do says what it waits for: a backoff, or what its batches need', () => {
  const state = runOf(plan, [chunk(0, [0, 1, 2, 3, 4]), succeeded(0, [0, 1, 2, 3])])
  const live = createLive({ perThread: bytes(1), budget: bytes(100) })
  const thread = createLiveThread(1)
  thread.process = 'ready'
  live.threads.push(thread)
  const view = () => snapshotOf(state, live, { ...context, now: wallTime(1000) }).threads[0]
  expect(view()).toMatchObject({ state: 'waiting', why: 'needs a' })
  happen(state, [retrying(4, 9000)])
  expect(view()).toMatchObject({ state: 'retry', item: { name: 'a-005', attempt: 2, tries: 3 }, retryAt: 9000 })
})

test('memory is the sum of the threads, and its history grows every five seconds', () => {
  const state = runOf(plan)
  const live = createLive({ perThread: bytes(10), budget: bytes(100) })
  live.threads.push(createLiveThread(1), createLiveThread(2))
  for (let at = 0; at <= 10_000; at += 500) observeSample(live, sample(at), wallTime(100_000 + at))
  const { memory, threads } = snapshotOf(state, live, { ...context, now: wallTime(0) })
  expect(memory.used).toBe(20_000)
  expect(memory.history).toEqual([0, 10_000, 20_000])
  expect(threads[0]).toMatchObject({ used: 10_000, cap: 10, cpu: 0.5 })
})

test('a run nobody looks after any more is interrupted, one that finished is ended with its own clock', () => {
  const state = runOf(plan)
  const ended = { ...context, isLive: false, now: wallTime(99_000) }
  expect(snapshotOf(state, createLive({ perThread: bytes(1), budget: bytes(100) }), ended).head.state).toBe(
    'interrupted',
  )
  const counts = { succeeded: 0, failed: 0, skipped: 0, left: 10, ms: 0 as never, exit: 3 }
  happen(state, [{ type: 'run.finished', outcome: 'stopped', ...counts }], { at: 5000 })
  expect(snapshotOf(state, createLive({ perThread: bytes(1), budget: bytes(100) }), ended).head).toMatchObject({
    state: 'ended',
    exit: 3,
    clock: { elapsed: 5000 },
  })
})

test('an end that is not on disk yet is none', () => {
  const finished = { type: 'run.finished', outcome: 'succeeded', exit: 0 } as RunEvent
  const state = runOf(plan, [finished])
  const at = { ...context, now: wallTime(5000) }
  expect(snapshotOf(state, createLive({ perThread: bytes(1), budget: bytes(100) }), at).head).toMatchObject({
    state: 'ended',
    exit: 0,
  })
  const { head } = snapshotOf(state, createLive({ perThread: bytes(1), budget: bytes(100) }), {
    ...at,
    isEndDurable: false,
  })
  expect(head.state).toBe('running')
  expect(head).not.toHaveProperty('exit')
})

test('batches of a run that is over have ended or are left, whatever they were before', () => {
  const state = runOf(plan, [chunk(0, [0, 1, 2, 3, 4]), succeeded(0, [0, 1, 2, 3, 4]), chunk(1, [5])])
  const words = (isLive: boolean) =>
    snapshotOf(state, createLive({ perThread: bytes(1), budget: bytes(100) }), {
      ...context,
      blockedBy: () => [],
      isLive,
      now: wallTime(0),
    }).batches.map((batch) => batch.state)
  expect(words(true)).toEqual(['ended', 'ready'])
  expect(words(false)).toEqual(['ended', 'left'])
  const counts = { succeeded: 5, failed: 0, skipped: 0, left: 5, ms: 0 as never, exit: 3 }
  happen(state, [
    { type: 'batch.paused', batch: 1 as never, by: 'user' },
    { type: 'run.finished', outcome: 'stopped', ...counts },
  ])
  expect(words(true)).toEqual(['ended', 'left'])
})

test('nothing moves while all that runs stands on paused threads, whoever else waits for it', () => {
  const state = runOf(plan, [chunk(0, [0, 1])])
  const live = createLive({ perThread: bytes(1), budget: bytes(100) })
  const [one, two] = [createLiveThread(1), createLiveThread(2)]
  live.threads.push(one, two)
  holdChunk(one, held(state, [0]), wallTime(0))
  expect(movingThreads(live)).toBe(2)
  one.pause = 'paused'
  expect(movingThreads(live)).toBe(0)
  holdChunk(two, held(state, [1]), wallTime(0))
  expect(movingThreads(live)).toBe(1)
})
