/** What pictures of a run show of breakers and undos. */
import { expect, test } from 'vitest'
import type { Chunk } from '../../src/model/chunk.ts'
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex } from '../../src/model/ids.ts'
import { bytes, wallTime } from '../../src/model/units.ts'
import type { Live } from '../../src/run/live.ts'
import { createLive, createLiveThread } from '../../src/run/live.ts'
import { holdChunk } from '../../src/run/observe.ts'
import { snapshotOf } from '../../src/run/snapshot.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, opened, retrying, runOf, succeeded, undone } from '../helpers/facts.ts'

const plan = buildPlan({
  threads: 2,
  phases: ['one'],
  batches: [{ id: 'api', count: 3, phase: 0, undo: 'rm -f it', breaker: { failures: 0.5, of: 2, wait: 5000 } }],
})
const NOW = wallTime(2000)

function idle(): Live {
  const live = createLive(plan.memory)
  live.threads.push({ ...createLiveThread(1), process: 'ready', kind: 'module' })
  return live
}

function picture(events: readonly RunEvent[], live = idle()) {
  const context = { now: NOW, stateDir: '/state', isForeground: false, blockedBy: () => [], isLive: true }
  return snapshotOf(runOf(plan, events), live, context)
}

const open = [chunk(0, [0, 1]), failed(0), retrying(1, 2500), opened(0, 7000)]

test('a batch whose breaker is open waits, and says until when and why', () => {
  expect(picture(open).batches[0]).toMatchObject({ state: 'waiting', breaker: { failures: 2, of: 2, until: 7000 } })
  expect(picture(open.slice(0, 3)).batches[0]).not.toHaveProperty('breaker')
})

test('a free thread waits for it, and not for the item that would be due before', () => {
  expect(picture(open).threads[0]).toMatchObject({
    state: 'waiting',
    why: 'breaker of api open: 2 of its last 2 attempts failed',
    retryAt: 7000,
  })
  expect(picture(open.slice(0, 3)).threads[0]).toMatchObject({ state: 'retry', retryAt: 2500 })
})

test('while one item tries nobody knows how long the others wait', () => {
  const { threads } = picture([...open, chunk(0, [2])])
  expect(threads[0]?.why).toBe('breaker of api open: 2 of its last 2 attempts failed')
  expect(threads[0]).not.toHaveProperty('retryAt')
})

test('a batch of which something is still to be undone has not ended, nor has its phase', () => {
  const began: RunEvent = { type: 'batch.started', batch: batchIndex(0) }
  const ended = [began, chunk(0, [0, 1, 2]), failed(0), succeeded(0, [1, 2])]
  const before = picture(ended)
  expect([before.batches[0]?.state, before.batches[0]?.toUndo, before.phases[0]?.state]).toEqual([
    'running',
    1,
    'running',
  ])
  const after = picture([...ended, undone(0)])
  expect([after.batches[0]?.state, after.batches[0]?.toUndo]).toEqual(['ended', undefined])
})

test('a thread that undoes says so, and the item does not count as running', () => {
  const live = idle()
  const batch = plan.batches[0]
  const work = { index: 0, id: 'api', work: batch?.undo, results: [], special: {} }
  const held = { id: 1, batch: work, items: [itemIndex(0)], names: ['api-001'], attempts: [1] } as unknown as Chunk
  const [thread] = live.threads
  if (thread) holdChunk(thread, held, NOW, { expected: bytes(0), cap: bytes(1), isUndo: true })
  const { threads, batches, head } = picture([chunk(0, [0]), failed(0)], live)
  expect(threads[0]).toMatchObject({ state: 'running', isUndo: true, item: { name: 'api-001' } })
  expect([batches[0]?.running, head.running]).toEqual([0, 0])
})
