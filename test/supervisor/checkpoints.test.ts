/** When checkpoints are taken, and what waits for them. */
import { expect, test } from 'vitest'
import { buildPlan } from '../helpers/build-plan.ts'
import { FakeRun } from '../helpers/fake-run.ts'

const two = () => new FakeRun(buildPlan({ threads: 2, batches: [{ id: 'a', count: 4 }], batchSize: 1 }))

test('the last event comes after the last checkpoint, and that after everything that has ended', () => {
  const run = new FakeRun(buildPlan({ threads: 1, batches: [{ id: 'a', count: 1 }] }))
  run.holdsCheckpoints = true
  run.ready(1)
  run.end(1)
  expect(run.checkpoints).toEqual(['stop'])
  expect(run.events.map(({ type }) => type)).not.toContain('run.finished')
  run.checkpointed('stop')
  expect(run.events.slice(-2)).toMatchObject([
    { type: 'checkpoint.written', reason: 'stop', bytes: 1, ms: 1 },
    { type: 'run.finished', outcome: 'succeeded' },
  ])
})

test('what a person puts back while the last checkpoint is taken runs, and another checkpoint comes before the end', () => {
  const run = new FakeRun(buildPlan({ threads: 1, batches: [{ id: 'a', count: 1 }] }))
  run.holdsCheckpoints = true
  run.ready(1)
  run.end(1, 'fail')
  run.command({ verb: 'retryItems', items: 'failed' })
  run.checkpointed('stop')
  expect(run.events.map(({ type }) => type)).not.toContain('run.finished')
  run.end(1)
  expect(run.checkpoints).toEqual(['stop', 'stop'])
  run.checkpointed('stop')
  expect(run.events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' })
})

test('a last checkpoint that cannot be written holds nothing up', () => {
  const run = new FakeRun(buildPlan({ threads: 1, batches: [{ id: 'a', count: 1 }] }))
  run.holdsCheckpoints = true
  run.ready(1)
  run.end(1)
  run.post({ type: 'checkpointed', reason: 'stop', error: 'no space' })
  expect(run.events.at(-1)).toMatchObject({ type: 'run.finished', outcome: 'succeeded' })
})

test('a stop takes its checkpoint once what runs has ended', () => {
  const run = two()
  run.ready(1, 2)
  run.command({ verb: 'stopRun', isNow: false })
  expect(run.checkpoints).toEqual([])
  run.end(1)
  run.end(2)
  expect(run.checkpoints).toEqual(['stop'])
})

test('so much journal as takes half a second to read brings a checkpoint, and only one at a time', () => {
  const run = two()
  run.holdsCheckpoints = true
  run.ready(1, 2)
  run.since.events = 499_999
  run.end(1)
  expect(run.checkpoints).toEqual([])
  run.since.events = 500_000
  run.end(1)
  run.end(2)
  expect(run.checkpoints).toEqual(['size'])
  run.checkpointed('size')
  run.since.events = 0
  run.since.bytes = 16 * 2 ** 20
  run.sync()
  expect(run.checkpoints).toEqual(['size', 'size'])
})

test('the interval brings a checkpoint only where something happened', () => {
  const run = two()
  run.post({ type: 'checkpointDue' })
  expect(run.checkpoints).toEqual([])
  // The word of the last checkpoint itself.
  run.since.events = 1
  run.post({ type: 'checkpointDue' })
  expect(run.checkpoints).toEqual([])
  run.since.events = 2
  run.post({ type: 'checkpointDue' })
  expect(run.checkpoints).toEqual(['interval'])
  expect(run.events.at(-1)).toMatchObject({ type: 'checkpoint.written', reason: 'interval' })
})

test('a person who asks is answered once it is on disk, or told why it is not', () => {
  const run = two()
  run.holdsCheckpoints = true
  const asked = run.command({ verb: 'takeCheckpoint' })
  expect(asked.answer).toBeUndefined()
  run.checkpointed('user')
  expect(asked.answer).toMatchObject({ ok: true })
  const again = run.command({ verb: 'takeCheckpoint' })
  run.post({ type: 'checkpointed', reason: 'user', error: 'no space' })
  expect(again.answer).toMatchObject({ ok: false, message: 'The checkpoint could not be written: no space' })
})

test('a pause of everything brings a checkpoint, a pause of some does not', () => {
  const run = two()
  run.ready(1, 2)
  run.pause([1])
  run.frozen(1)
  expect(run.checkpoints).toEqual([])
  run.pause([2])
  run.frozen(2)
  expect(run.checkpoints).toEqual(['user'])
})
