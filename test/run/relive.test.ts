import { expect, test } from 'vitest'
import type { RunEvent } from '../../src/model/event.ts'
import { runId, threadNumber } from '../../src/model/ids.ts'
import { bytes, wallTime } from '../../src/model/units.ts'
import { Relived } from '../../src/run/relive.ts'
import { snapshotOf } from '../../src/run/snapshot.ts'
import { createRunState } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, live, recovery, retrying, returned, succeeded } from '../helpers/facts.ts'

const plan = buildPlan({ threads: 2, batches: [{ id: 'a', count: 6, attempts: 3 }] })
const begun = {
  type: 'run.started',
  run: runId('7f3a'),
  plan: 'test',
  items: 6,
  threads: 2,
  memory: plan.memory,
  epoch: 1,
} as const
const thread = (type: 'thread.started' | 'thread.stopped', number: number): RunEvent => ({
  type,
  thread: threadNumber(number),
})
const paused = (type: 'thread.paused' | 'thread.resumed'): RunEvent => ({
  type,
  thread: threadNumber(1),
  by: 'user',
})
const replaced: RunEvent = {
  type: 'thread.replaced',
  thread: threadNumber(1),
  reason: { kind: 'lost', message: 'gone' },
}
const back = recovery(plan)

/** Lives through events, each a second after the one before. */
function relive(...events: readonly RunEvent[]) {
  const state = createRunState(plan)
  const relived = new Relived({ perThread: bytes(1), budget: bytes(100) })
  events.forEach((event, place) => {
    const at = 1000 * place
    live(state, [event], { at })
    relived.apply(state, { seq: place + 1, at: wallTime(at), event })
  })
  const now = wallTime(1000 * events.length)
  relived.passTo(now)
  const views = (isLive = true) =>
    snapshotOf(state, relived.live, { now, stateDir: '', isForeground: false, blockedBy: () => [], isLive }).threads
  return { relived, state, views }
}

test('a thread holds what it was handed, and runs the first item that has not ended', () => {
  const { views } = relive(begun, thread('thread.started', 1), chunk(0, [0, 1, 2]), succeeded(0, [0]))
  expect(views()[0]).toMatchObject({
    state: 'running',
    item: { index: 1, name: 'a-002', attempt: 1, tries: 3 },
    clock: { since: 3000 },
  })
})

test('with the last item of its chunk a thread is free, however each of them left', () => {
  const events = [
    chunk(0, [0, 1, 2, 3, 4]),
    succeeded(0, [0]),
    failed(1),
    retrying(2, 9000),
    returned(0, [4, 3], 'untouched'),
  ]
  const { relived } = relive(begun, ...events)
  expect(relived.live.threads[0]?.held).toBeUndefined()
})

test('a paused item keeps its time until it goes on', () => {
  const held = [begun, chunk(0, [0])]
  expect(relive(...held, paused('thread.paused')).views()[0]).toMatchObject({
    state: 'paused',
    clock: { elapsed: 1000 },
    paused: { by: 'user', at: 2000 },
  })
  const { views } = relive(...held, paused('thread.paused'), paused('thread.resumed'))
  expect(views()[0]).toMatchObject({ state: 'running', clock: { since: 2000 } })
})

test('a replaced process holds nothing, and is there again before long', () => {
  const { relived, views } = relive(begun, chunk(0, [0]), returned(0, [0], 'lost'), replaced)
  expect(views()[0]).toMatchObject({ state: 'replacing', replaced: 1 })
  relived.passTo(wallTime(6000))
  expect(views()[0]).toMatchObject({ state: 'waiting' })
})

test('threads that start are said to, and those nobody needs only wait', () => {
  const { relived, views } = relive(begun)
  expect(views().map(({ state }) => state)).toEqual(['starting', 'starting'])
  relived.passTo(wallTime(2000))
  expect(views().map(({ state }) => state)).toEqual(['waiting', 'waiting'])
})

test('threads come and go: the last rows go, those between stay until they are the last', () => {
  expect(relive(begun, thread('thread.started', 4)).views()).toHaveLength(4)
  const stops = [begun, thread('thread.started', 3), thread('thread.stopped', 2)]
  expect(
    relive(...stops)
      .views()
      .map(({ state }) => state)[1],
  ).toBe('stopped')
  expect(relive(...stops, thread('thread.stopped', 3)).views()).toHaveLength(1)
})

test('after a recovery no thread holds anything, and who was paused by a person still is', () => {
  const { views } = relive(begun, chunk(0, [0]), paused('thread.paused'), back)
  expect(views()).toMatchObject([{ state: 'paused' }, { state: 'starting' }])
  expect(views()[0]).not.toHaveProperty('item')
})

test('where the supervisor died each thread shows what it was at, and for how long', () => {
  const { views } = relive(begun, chunk(0, [0]), chunk(0, [1], 2))
  const [one, two] = views(false)
  expect(one).toMatchObject({ state: 'stopped', item: { name: 'a-001' }, clock: { elapsed: 1000 } })
  expect(two).toMatchObject({ state: 'stopped', item: { name: 'a-002' }, clock: { elapsed: 0 } })
})
