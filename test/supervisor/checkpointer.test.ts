import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Journal } from '../../src/journal/journal.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { restore } from '../../src/journal/restore.ts'
import type { RunId } from '../../src/model/ids.ts'
import { wallTime } from '../../src/model/units.ts'
import { createRunState } from '../../src/run/state.ts'
import { Checkpointer } from '../../src/supervisor/checkpointer.ts'
import { Core } from '../../src/supervisor/core.ts'
import type { Input } from '../../src/supervisor/input.ts'
import type { Thread } from '../../src/threads/thread.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, succeeded } from '../helpers/facts.ts'
import { leaveRun } from '../helpers/left-run.ts'

const ITEMS = 300

/** Items that have ended when it is asked for. */
const BEFORE = 100

const plan = buildPlan({ batches: [{ id: 'a', count: ITEMS }] })

/** A core over a real journal in a run's real folder. */
function coreOf(run: RunId, journal: Journal, post: (input: Input) => void): Core {
  return new Core({
    state: createRunState(plan),
    run,
    journal,
    clock: { now: () => wallTime(Date.now()) },
    cores: 1,
    createThread: () => ({}) as Thread,
    post,
  })
}

test('a checkpoint holds exactly what stands before its cut, however much happens while it is taken', async () => {
  const { folder, info } = await leaveRun(plan, [])
  const journal = await openJournal(folder, {
    run: info.run,
    generation: 2,
    firstSeq: 1,
    onDurable: () => undefined,
    onTrouble: () => undefined,
  })
  const posted = Promise.withResolvers<Input>()
  const core = coreOf(info.run, journal, posted.resolve)
  const runOne = (item: number) => {
    core.emit(chunk(0, [item]))
    core.emit(item % 7 === 0 ? failed(item) : succeeded(0, [item]))
  }
  for (let item = 0; item < BEFORE; item += 1) runOne(item)
  new Checkpointer(core, folder).take('user')
  // The cut comes with the next turn; the checkpoint is on disk many turns later.
  for (let item = BEFORE; item < ITEMS; item += 1) {
    await setImmediate()
    runOne(item)
  }
  expect(await posted.promise).toMatchObject({ type: 'checkpointed', reason: 'user' })
  await journal.close()
  const { state, notes } = await restore(folder, info)
  expect(notes).toEqual([])
  expect([...state.items.attempts]).toEqual([...core.state.items.attempts])
  expect([...state.items.failures]).toEqual([...core.state.items.failures])
  expect([...state.items.status]).toEqual([...core.state.items.status])
  expect(state.batches.map(({ applied }) => applied)).toEqual(core.state.batches.map(({ applied }) => applied))
})
