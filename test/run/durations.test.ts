import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Durations } from '../../src/run/durations.ts'

test('median and p95 of the histogram are within 7 % of the true ones', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.2, max: 1_000_000, noNaN: true }), { minLength: 20, maxLength: 300 }),
      (times) => {
        const durations = new Durations()
        for (const ms of times) durations.add(ms)
        const sorted = times.toSorted((left, right) => left - right)
        for (const share of [0.5, 0.95]) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] as number
          const found = durations.quantile(share, 20) as number
          expect(Math.abs(found / exact - 1)).toBeLessThan(0.07)
        }
      },
    ),
  )
})

test('too few items have no median', () => {
  const durations = new Durations()
  durations.add(5)
  expect(durations.quantile(0.5, 3)).toBeUndefined()
})
