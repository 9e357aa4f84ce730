import { expect, test } from 'vitest'
import { batchIndex, itemIndex } from '../../src/model/ids.ts'
import { explainItem } from '../../src/schedule/explain.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, retrying, runOf, succeeded } from '../helpers/facts.ts'

const plan = buildPlan({
  batches: [
    { id: 'a', count: 3, attempts: 2 },
    { id: 'b', count: 1, needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] },
  ],
})

test.each([
  ['succeeded', 0, [chunk(0, [0]), succeeded(0, [0])], {}, ['a-001 succeeded at attempt 1.']],
  ['failed', 0, [chunk(0, [0]), failed(0)], {}, ['a-001 failed for good after 1 attempt: threw: broken.']],
  [
    'in backoff',
    0,
    [chunk(0, [0]), retrying(0, 9000)],
    { dueIn: 3.2 },
    ['a-001 failed attempt 1 of 2 (threw: broken) and tries again in 4 s.'],
  ],
  ['running', 0, [chunk(0, [0])], { thread: 2 }, ['a-001 runs on thread 2, attempt 1.']],
  ['next in a chunk', 1, [chunk(0, [0, 1])], { thread: 2, isNext: true }, ['a-002 is next on thread 2.']],
  ['blocked', 3, [], {}, ['b-001 waits: batch b needs a first.']],
  ['queued', 2, [], {}, ['a-003 is in the queue: its batch a is next in the order of work.']],
  ['queued while all is paused', 2, [], { paused: 2, threads: 2 }, ['All threads are paused.']],
] as const)('an item that is %s says so', (_, item, events, moment, lines) => {
  expect(explainItem(runOf(plan, events), itemIndex(item), moment)).toEqual(lines)
})

test('a skipped item names the need that failed', () => {
  const state = runOf(plan, [
    { type: 'items.skipped', batch: batchIndex(1), items: 'rest', count: 1, because: { kind: 'need', id: 'a' } },
  ])
  expect(explainItem(state, itemIndex(3))).toEqual(['b-001 was skipped: it needs a, which did not succeed.'])
})
