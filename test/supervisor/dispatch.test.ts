/** Who is started and who waits, with threads that only note what they are told. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bytes, millis } from '../../src/model/units.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { FakeRun } from '../helpers/fake-run.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('an item that is due soon does not wait for one that is due late', () => {
  const run = new FakeRun(buildPlan({ batches: [{ id: 'a', count: 2, attempts: 2 }] }))
  run.ready(1, 2)
  run.end(1, 'fail', millis(60_000))
  run.end(2, 'fail')
  expect(run.held(1, 2)).toEqual([undefined, undefined])
  run.now += 5000
  vi.advanceTimersByTime(5000)
  expect(run.held(1, 2)).toEqual(['a', undefined])
})

test('an item that is due in a month does not keep the loop busy until then', () => {
  const run = new FakeRun(buildPlan({ threads: 1, batches: [{ id: 'a', count: 1, attempts: 2 }] }))
  run.ready(1)
  run.end(1, 'fail', millis(30 * 86_400_000))
  const post = vi.spyOn(run.core, 'post')
  vi.advanceTimersByTime(1000)
  expect(post).not.toHaveBeenCalled()
})

test('the one thread that may take an item is started, whatever its number', () => {
  const run = new FakeRun(buildPlan({ threads: 3, batches: [{ id: 'a', count: 1, threads: [3], threadsOnly: true }] }))
  expect(run.told).toEqual(['3 start'])
})

test('a thread that is paused is not counted on for what could start now', () => {
  const run = new FakeRun(
    buildPlan({
      batches: [
        { id: 'a', count: 1 },
        { id: 'b', count: 1, needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] },
      ],
    }),
  )
  run.ready(1)
  run.pause([1], { drain: true })
  run.end(1)
  expect(run.told).toContain('2 start')
})

test('no more processes are started than there are items for them', () => {
  const run = new FakeRun(buildPlan({ threads: 4, batches: [{ id: 'a', count: 2 }] }))
  expect(run.told).toEqual(['1 start', '2 start'])
  run.ready(1)
  expect(run.told.filter((line) => line.endsWith('start'))).toHaveLength(2)
})

test('every look at memory is a look at how many items have ended', () => {
  const run = new FakeRun(buildPlan({ batches: [{ id: 'a', count: 2 }] }))
  run.post({ type: 'sampled', sample: { system: { total: bytes(1), available: bytes(1) }, threads: [] } })
  expect(run.samples).toBe(1)
})
