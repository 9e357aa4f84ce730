import { expect, test } from 'vitest'
import { itemIndex } from '../../src/model/ids.ts'
import type { Reason } from '../../src/model/reason.ts'
import { explainItem } from '../../src/schedule/explain.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, opened, requeued, retrying, runOf, undone } from '../helpers/facts.ts'

const plan = buildPlan({
  batches: [{ id: 'a', count: 9, undo: 'rm -f it', breaker: { failures: 0.5, of: 2, wait: 5000 } }],
})
const EXIT: Reason = { kind: 'exit', message: 'exit 3', code: '3' }
const open = [chunk(0, [0, 1, 2]), failed(0), failed(1), opened(0, 6000)]

test('an item waits for the breaker of its batch, and how long is said where somebody knows', () => {
  const state = runOf(plan, open)
  expect(explainItem(state, itemIndex(5), { shutFor: 4.2 })).toEqual([
    'Batch a waits 5 s more: its breaker is open, 2 of its last 2 attempts failed.',
  ])
  expect(explainItem(state, itemIndex(5))).toEqual([
    'Batch a waits: its breaker is open, 2 of its last 2 attempts failed.',
  ])
})

test('an item that is due before its breaker says both', () => {
  const state = runOf(plan, [...open, retrying(2, 3000)])
  expect(explainItem(state, itemIndex(2), { dueIn: 2, shutFor: 5 })).toEqual([
    'a-003 failed attempt 1 of 1 (threw: broken) and tries again in 2 s.',
    'Batch a waits 5 s more: its breaker is open, 2 of its last 2 attempts failed.',
  ])
})

test('the others wait for the item that tries', () => {
  const state = runOf(plan, [...open, chunk(0, [4])])
  expect(explainItem(state, itemIndex(5), { shutFor: -1 })).toEqual([
    'Batch a waits for a-005, which tries alone: its breaker is open, 2 of its last 2 attempts failed.',
  ])
})

test('an item that failed says what has become of its undo', () => {
  const events = [chunk(0, [0]), failed(0)]
  const last = (more: typeof events, moment = {}) =>
    explainItem(runOf(plan, [...events, ...more]), itemIndex(0), moment).at(-1)
  expect(last([])).toBe('What it did is still to be undone.')
  expect(last([], { thread: 2 })).toBe('It is being undone on thread 2.')
  expect(last([undone(0)])).toBe('What it did was undone.')
  expect(last([undone(0, EXIT)])).toBe('Its undo failed: exit 3.')
  expect(last([undone(0, EXIT), requeued(0), chunk(0, [0]), failed(0)])).toBe('What it did is still to be undone.')
})
