import { expect, test } from 'vitest'
import { eta } from '../../src/forecast/eta.ts'
import { RateMeter } from '../../src/forecast/rate-meter.ts'
import { batchIndex } from '../../src/model/ids.ts'
import { millis, wallTime } from '../../src/model/units.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, runOf, succeeded } from '../helpers/facts.ts'

const plan = buildPlan({ threads: 2, batches: [{ id: 'a', count: 25 }] })
const items = (count: number) => Array.from({ length: count }, (_, item) => item)
const after = (count: number, ms: number) => runOf(plan, [chunk(0, items(count)), succeeded(0, items(count), { ms })])

test('nobody can say before a few items have ended, nor when all have or all threads stand still', () => {
  expect(eta(after(4, 1000), 2, undefined)).toBeUndefined()
  expect(eta(after(25, 1000), 2, undefined)).toBeUndefined()
  expect(eta(after(5, 1000), 0, undefined)).toBeUndefined()
})

test('the rest takes as long as what has ended, divided by the threads', () => {
  const found = eta(after(5, 1000), 2, undefined)
  expect(found?.p50).toBeCloseTo(10_000)
  expect(found?.p90).toBeGreaterThan(10_000)
})

test('nobody can say while the breaker of a batch is open', () => {
  const breaker = { failures: 0.5, of: 5, wait: millis(1000) }
  const guarded = buildPlan({ threads: 2, batches: [{ id: 'a', count: 25, breaker }] })
  const opened = { type: 'breaker.opened', batch: batchIndex(0), failures: 3, of: 5, until: wallTime(9000) } as const
  const before = [chunk(0, items(5)), succeeded(0, items(5), { ms: 1000 })]
  expect(eta(runOf(guarded, before), 2, undefined)).toBeDefined()
  expect(eta(runOf(guarded, [...before, opened]), 2, undefined)).toBeUndefined()
  const closed = { type: 'breaker.closed', batch: batchIndex(0) } as const
  expect(eta(runOf(guarded, [...before, opened, closed]), 2, undefined)).toBeDefined()
})

test('items too short to time are judged by their rate', () => {
  expect(eta(after(5, 0.01), 2, undefined)).toBeUndefined()
  expect(eta(after(5, 0.01), 2, 60)?.p50).toBe(20_000)
})

test('the rate is of the last two minutes and unknown at first', () => {
  const meter = new RateMeter()
  meter.observe(0, wallTime(0))
  expect(meter.perMinute()).toBeUndefined()
  for (let second = 1; second <= 300; second += 1)
    meter.observe(second < 150 ? 0 : (second - 150) * 2, wallTime(second * 1000))
  expect(meter.perMinute()).toBeCloseTo(120, 0)
})
