import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { bytes, wallTime } from '../../src/model/units.ts'
import { createLive } from '../../src/run/live.ts'
import { Sizes } from '../../src/run/sizes.ts'
import { snapshotOf } from '../../src/run/snapshot.ts'
import type { RunState } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, live, retrying, returned, runOf, succeeded } from '../helpers/facts.ts'

const MB = 2 ** 20

test('what nine of ten items stay below is within 7 % of the true size, up to a terabyte, also after it was packed', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 2 * MB, max: 2 ** 40 }), { minLength: 3, maxLength: 100 }), (peaks) => {
      const sizes = new Sizes()
      for (const peak of peaks) sizes.add(peak)
      const exact = peaks.toSorted((left, right) => left - right)[Math.ceil(0.9 * peaks.length - 1e-9) - 1] as number
      const found = sizes.quantile(0.9, 3) as number
      expect(Math.abs(found / exact - 1)).toBeLessThan(0.07)
      const unpacked = Sizes.unpack(JSON.parse(JSON.stringify(sizes.pack())) as number[])
      expect([unpacked.quantile(0.9, 3), unpacked.count]).toEqual([found, peaks.length])
    }),
  )
})

test('small sizes count as 1 MB, and none are no size', () => {
  const sizes = new Sizes()
  expect(sizes.quantile(0.9, 0)).toBeUndefined()
  for (const peak of [0, 1000, MB]) sizes.add(peak)
  expect(sizes.quantile(0.9, 4)).toBeUndefined()
  expect(sizes.quantile(0.9, 3)).toBe(MB)
})

describe('sizes of a batch', () => {
  const plan = buildPlan({ batches: [{ id: 'a', count: 20, attempts: 3 }] })
  const peak = 300 * MB
  const sizeOf = (state: RunState) =>
    snapshotOf(state, createLive(plan.memory), {
      now: wallTime(0),
      stateDir: '',
      isForeground: false,
      isLive: true,
      blockedBy: () => [],
    }).batches[0]?.size

  test('are learned from three items that ended, well or not', () => {
    const state = runOf(plan, [chunk(0, [0, 1, 2, 3]), succeeded(0, [3]), succeeded(0, [0], { peak })])
    live(state, [retrying(1, 5000, { peak })])
    expect(sizeOf(state)).toBeUndefined()
    live(state, [failed(2, { peak })])
    expect((sizeOf(state) as number) / peak).toBeCloseTo(1, 1)
  })

  test('are not learned from attempts that memory ended: they only say that it was not enough', () => {
    const state = runOf(plan, [chunk(0, [0, 1, 2, 3])])
    live(state, [
      retrying(0, 5000, { peak, reason: { kind: 'memory', message: 'too much', peak: bytes(peak) } }),
      failed(1, { peak, reason: { kind: 'memory', message: 'too much' } }),
      returned(0, [2], 'evicted', { peak }),
    ])
    expect(state.batches[0]?.sizes.count).toBe(0)
  })
})
