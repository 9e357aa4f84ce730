import { expect, test } from 'vitest'
import { RateMeter } from '../../src/forecast/rate-meter.ts'
import { wallTime } from '../../src/model/units.ts'

function rateOf(...ended: readonly number[]): number | undefined {
  const meter = new RateMeter()
  for (const [second, count] of ended.entries()) meter.observe(count, wallTime(second * 1000))
  return meter.perMinute()
}

test('the rate is items a minute, and unknown in the first five seconds', () => {
  expect(rateOf(0, 10, 20, 30, 40)).toBeUndefined()
  expect(rateOf(0, 10, 20, 30, 40, 50)).toBe(600)
})

test('items that a retry took back make no negative rate', () => {
  expect(rateOf(90, 90, 90, 0, 1, 2)).toBe(0)
})
