/** A person's retry, between what has happened and what is on disk. */
import { expect, test } from 'vitest'
import { itemIndex } from '../../src/model/ids.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { FakeRun } from '../helpers/fake-run.ts'

test('what a retry un-skips is not skipped again for the failure that is still on disk', () => {
  const run = new FakeRun(
    buildPlan({
      batches: [
        { id: 'a', count: 1 },
        { id: 'b', count: 1, needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] },
        { id: 'c', count: 1 },
      ],
    }),
  )
  run.ready(1, 2)
  run.end(1, 'fail')
  run.sync()
  run.command({ verb: 'retryItems', items: 'failed' })
  run.sync()
  expect(run.held(1, 2)).toEqual(['a', 'c'])
  run.end(1)
  expect(run.held(1, 2)).toEqual(['b', 'c'])
  run.end(1)
  run.end(2)
  expect(run.events.at(-1)).toMatchObject({ type: 'run.finished', succeeded: 3, exit: 0 })
})

test('an item that comes back to a batch which has become hopeless meanwhile is skipped with it', () => {
  const run = new FakeRun(
    buildPlan({
      batches: [
        { id: 'a', count: 1 },
        { id: 'b', count: 1, attempts: 2, needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] },
      ],
    }),
  )
  run.command({ verb: 'skipItems', items: [itemIndex(0)] })
  run.sync()
  run.ready(1, 2)
  expect(run.held(1)).toEqual(['b'])
  run.command({ verb: 'retryItems', items: [itemIndex(0)] })
  run.sync()
  expect(run.held(2)).toEqual(['a'])
  run.end(2, 'fail')
  run.end(1, 'fail')
  expect(run.events.at(-1)).toMatchObject({ type: 'run.finished', failed: 1, skipped: 1, exit: 1 })
})

test('an item is tried as often as its batch says, also 300 times', () => {
  const run = new FakeRun(buildPlan({ threads: 1, batches: [{ id: 'a', count: 1, attempts: 300 }] }))
  run.ready(1)
  let tries = 0
  for (; !run.isFinished && tries < 400; tries += 1) {
    run.end(1, 'fail')
    run.now += 100_000
    run.post({ type: 'due' })
  }
  expect(tries).toBe(300)
})
