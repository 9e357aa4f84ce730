import fc from 'fast-check'
import { expect, test } from 'vitest'
import { itemIndex, runId } from '../../src/model/ids.ts'
import { millis } from '../../src/model/units.ts'
import { backoff } from '../../src/schedule/backoff.ts'

const retry = { attempts: 9, min: millis(2000), max: millis(60_000) }

test('backoff grows with every failure, stays between min and max, and is the same when it is asked again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(1_000_000), (failures, item) => {
      const seed = { run: runId('7f3a'), item: itemIndex(item) }
      const wait = backoff(retry, failures, seed)
      expect(wait).toBeGreaterThanOrEqual(2000)
      expect(wait).toBeLessThanOrEqual(Math.min(60_000, 2000 * 2 ** failures))
      expect(backoff(retry, failures, seed)).toBe(wait)
    }),
  )
})

test('items that failed together come back spread out', () => {
  const waits = Array.from({ length: 200 }, (_, item) =>
    backoff(retry, 4, { run: runId('7f3a'), item: itemIndex(item) }),
  )
  const third = (from: number, to: number) => waits.filter((wait) => wait >= from && wait < to).length
  expect(third(2000, 12_000)).toBeGreaterThan(30)
  expect(third(12_000, 22_000)).toBeGreaterThan(30)
  expect(third(22_000, 32_001)).toBeGreaterThan(30)
})
