import { expect, test } from 'vitest'
import { linesFor } from '../../src/govern/lines.ts'
import type { SizeInput } from '../../src/govern/sizes.ts'
import { expectedSize } from '../../src/govern/sizes.ts'
import { bytes } from '../../src/model/units.ts'
import { MB } from './workload.ts'

const mb = (value: number) => bytes(value * MB)
const nobodyKnows: SizeInput = { learned: undefined, prior: undefined, cap: mb(2000), budget: mb(12_000), threads: 6 }

test.each<[string, Partial<SizeInput>, number]>([
  ['nobody knows, half of the cap', {}, 1000],
  ['nobody knows, half of its share of a budget below the caps', { budget: mb(6000) }, 500],
  ['nobody knows, and no threads are there yet', { threads: 0 }, 1000],
  ['the plan says', { prior: mb(300) }, 300],
  ['its batch has shown, whatever the plan says', { prior: mb(300), learned: mb(700) }, 700],
  ['it failed once for memory at 800', { learned: mb(700), own: { failures: 1, peak: mb(800) } }, 1000],
  ['it failed twice for memory at 800', { learned: mb(700), own: { failures: 2, peak: mb(800) } }, 1250],
  ['it failed once at 100, below what others take', { learned: mb(800), own: { failures: 1, peak: mb(100) } }, 1000],
  ['it failed at the cap: the cap, since nothing may take more', { own: { failures: 1, peak: mb(2000) } }, 2000],
  ['the plan says more than the cap: the cap', { prior: mb(9000) }, 2000],
])('an item is expected to take what %s', (_, input, size) => {
  expect(expectedSize({ ...nobodyKnows, ...input }) / MB).toBe(size)
})

test.each([0.5, 0.8, 0.95, 0.99])('lines stand in their order when the plan says %s', (act) => {
  const { resume, reclaim, hold, admit, pause, kill, ...lines } = linesFor(act)
  const order = [resume, reclaim, hold, pause, lines.act, kill, 1]
  expect(order).toEqual(order.toSorted((a, b) => a - b))
  expect(new Set(order).size).toBe(order.length)
  expect(admit).toBeLessThan(lines.act)
})
