import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBudgetMeter, meterBudget } from '../../src/govern/budget.ts'
import type { MemoryPlan } from '../../src/model/plan.ts'
import { bytes } from '../../src/model/units.ts'
import { MB } from './workload.ts'

const GB = 1024
/** 12 GB of 16, and 4 for the system. */
const memory: MemoryPlan = {
  total: bytes(16 * GB * MB),
  reserve: bytes(4 * GB * MB),
  budget: bytes(12 * GB * MB),
  perThread: bytes(2 * GB * MB),
  isCapGiven: true,
}

/** Looks one after another: at, what is available and what threads hold, in MB. */
function metered(looks: readonly { at: number; available: number; held?: number; used?: number; total?: number }[]) {
  const meter = createBudgetMeter()
  return looks.map(({ at, available, held = 0, used = held, total = 16 * GB }) => {
    const system = { total: bytes(total * MB), available: bytes(available * MB) }
    const input = { memory, system, held: bytes(held * MB), used: bytes(used * MB), now: at }
    const { budget, ...flags } = meterBudget(meter, input)
    return { ...flags, mb: Math.round(budget / MB) }
  })
}

describe('the budget is the least of', () => {
  test.each([
    ['what the plan says, where the machine has enough', { available: 20 * GB, total: 24 * GB }, 12 * GB],
    ['what the limit leaves beside the reserve', { available: 20 * GB, total: 10 * GB }, 6 * GB],
    ['what is available beside the reserve, with nothing held', { available: 9 * GB }, 5 * GB],
    ['the same with what the threads hold themselves', { available: 6 * GB, held: 3 * GB }, 5 * GB],
    ['but never below what the threads use', { available: 5 * GB, held: 3 * GB }, 4 * GB],
    ['but never below what the threads use by now', { available: 5 * GB, held: 3 * GB, used: 4.5 * GB }, 4.5 * GB],
    ['and never above the plan, whatever they use', { available: 5 * GB, used: 13 * GB }, 12 * GB],
    ['and is never nothing', { available: 0 }, 0],
  ])('%s', (_, look, mb) => {
    expect(metered([{ at: 1000, ...look }])[0]?.mb).toBe(mb)
  })
})

test('it falls at once, and is back to 63 % after 2 s and 99 % after 10 s', () => {
  const mb = metered([
    { at: 1000, available: 16 * GB },
    { at: 1500, available: 8 * GB },
    { at: 3500, available: 16 * GB },
    { at: 11_500, available: 16 * GB },
  ]).map((budget) => budget.mb)
  expect(mb.slice(0, 2)).toEqual([12 * GB, 4 * GB])
  expect((mb[2] ?? 0) / GB).toBeCloseTo(4 + 8 * 0.632, 1)
  expect((mb[3] ?? 0) / GB).toBeGreaterThan(11.9)
})

test.each([
  [16, false, false],
  // The machine's own breathing.
  [15.8, false, false],
  [15.7, true, false],
  [2.01, true, false],
  [1.99, true, true],
])('with %s GB available: squeezed %s, critical %s', (available, isSqueezed, isCritical) => {
  expect(metered([{ at: 1000, available: available * GB }])[0]).toMatchObject({ isSqueezed, isCritical })
})

test('whatever the threads take and give back, a budget that others leave does not move', () => {
  const curve = fc.array(
    fc.record({ used: fc.integer({ min: 0, max: 6 * GB }), ms: fc.integer({ min: 20, max: 600 }) }),
  )
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 6 * GB }), curve, (others, steps) => {
      let at = 1000
      const looks = steps.map(({ used, ms }) => ({ at: (at += ms), available: 16 * GB - others - used, held: used }))
      for (const { mb } of metered(looks)) expect(mb).toBe(12 * GB - others)
    }),
  )
})

test('what is in use is never more than the budget, as long as it is within the plan', () => {
  const size = fc.integer({ min: 0, max: 12 * GB })
  const steps = fc.array(fc.record({ available: size, held: size, used: size, at: fc.nat(9999) }))
  fc.assert(
    fc.property(steps, (looks) => {
      for (const [place, { mb }] of metered(looks).entries()) expect(mb).toBeGreaterThanOrEqual(looks[place]?.used ?? 0)
    }),
  )
})
