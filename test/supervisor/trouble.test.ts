/** A disk that does not take the journal: nothing starts, everything else goes on. */
import { expect, test } from 'vitest'
import { itemIndex } from '../../src/model/ids.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { FakeRun } from '../helpers/fake-run.ts'

const one = () => new FakeRun(buildPlan({ threads: 1, batches: [{ id: 'a', count: 3 }], batchSize: 1 }))

test('nothing is handed out while the disk takes nothing; what ends is kept, and all goes on afterwards', () => {
  const run = one()
  run.ready(1)
  run.trouble('the disk is full (ENOSPC)')
  run.end(1)
  expect(run.held(1)).toEqual([undefined])
  expect(run.events.at(-1)).toMatchObject({ type: 'items.succeeded' })
  run.now += 5000
  run.trouble(undefined)
  expect(run.events.findLast(({ type }) => type === 'journal.resumed')).toMatchObject({
    message: 'the disk is full (ENOSPC)',
    ms: 5000,
  })
  expect(run.held(1)).toEqual(['a'])
})

test('threads can be paused and resumed meanwhile', () => {
  const run = one()
  run.ready(1)
  run.trouble('the disk is full (ENOSPC)')
  const pause = run.pause([1])
  run.frozen(1)
  expect(pause.answer).toMatchObject({ ok: true })
})

test('a checkpoint is refused with the reason', () => {
  const run = one()
  run.trouble('the disk is full (ENOSPC)')
  expect(run.command({ verb: 'takeCheckpoint' }).answer).toMatchObject({
    ok: false,
    message: 'No checkpoint now: the disk is full (ENOSPC).',
  })
})

test('a stop waits for the disk; who asks to stop now once nothing runs any more gives up what is not on disk', () => {
  const run = one()
  run.holdsCheckpoints = true
  run.ready(1)
  run.trouble('the disk is full (ENOSPC)')
  run.command({ verb: 'stopRun', isNow: true })
  run.end(1)
  expect(run.isAbandoned).toBe(false)
  expect(run.command({ verb: 'stopRun', isNow: true }).answer).toMatchObject({ ok: true })
  expect(run.isAbandoned).toBe(true)
  expect(run.events.map(({ type }) => type)).not.toContain('run.finished')
})

test('who does not want to wait for a disk that does not take the very last event need not', () => {
  const run = new FakeRun(buildPlan({ threads: 1, batches: [{ id: 'a', count: 1 }] }))
  run.holdsCheckpoints = true
  run.ready(1)
  run.end(1)
  run.checkpointed('stop')
  expect(run.events.at(-1)).toMatchObject({ type: 'run.finished' })
  expect(run.command({ verb: 'stopRun', isNow: true }).answer).toMatchObject({ ok: false, code: 'run-over' })
  run.trouble('the disk is full (ENOSPC)')
  run.post({ type: 'stop', isNow: false })
  expect(run.isAbandoned).toBe(false)
  run.post({ type: 'stop', isNow: true })
  expect(run.isAbandoned).toBe(true)
  expect(run.events.at(-1)).toMatchObject({ type: 'run.finished' })
})

test('what a command did is said once it is on disk; while the disk takes nothing, that is said', () => {
  const run = one()
  let answer: string | undefined
  const ask = (item: number) =>
    run.post({
      type: 'command',
      command: { verb: 'skipItems', items: [itemIndex(item)] },
      answer: ({ message }) => (answer = message),
    })
  ask(1)
  expect(answer).toBeUndefined()
  run.sync()
  expect(answer).toBe('Skipped a-002.')
  run.trouble('the disk is full (ENOSPC)')
  ask(2)
  expect(answer).toBe('Skipped a-003. (Not on disk yet.)')
})
