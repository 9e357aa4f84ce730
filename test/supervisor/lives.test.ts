/** What one supervisor after another makes of a run's files. */
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { CHECKPOINT_NAME } from '../../src/journal/checkpoint.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { restore } from '../../src/journal/restore.ts'
import { prepareStateDir } from '../../src/journal/state-dir.ts'
import type { RunEvent } from '../../src/model/event.ts'
import type { Plan } from '../../src/model/plan.ts'
import { batchOf, itemName } from '../../src/model/plan.ts'
import { wallTime } from '../../src/model/units.ts'
import { settle } from '../../src/run/settle.ts'
import { Checkpointer } from '../../src/supervisor/checkpointer.ts'
import { Core } from '../../src/supervisor/core.ts'
import type { Ground } from '../../src/supervisor/ground.ts'
import { newRun } from '../../src/supervisor/new-run.ts'
import { recoveredRun } from '../../src/supervisor/recovered-run.ts'
import { readResults } from '../../src/threads/results.ts'
import type { Thread } from '../../src/threads/thread.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, succeeded } from '../helpers/facts.ts'
import { scratchFolder } from '../helpers/scratch.ts'

interface Life {
  readonly ground: Ground
  readonly core: Core
  readonly journal: Journal
  readonly checkpoint: () => Promise<void>
}

const now = () => wallTime(Date.now())

/** A supervisor without threads. @param before the run that it goes on with; left out: a new one */
async function live(stateDir: string, plan: Plan, before?: Life): Promise<Life> {
  await before?.journal.close()
  const logFile = join(stateDir, 'plans', 'start.log')
  await writeFile(logFile, '')
  const start = { plan, planText: '', stateDir, options: {}, isForeground: false, isNetworkAllowed: false, logFile }
  const recover = before && { folder: before.ground.folder, changed: 'fail' as const }
  const ground = recover ? await recoveredRun({ ...start, recover }, now()) : await newRun(start, now())
  const { run, folder, state, generation, seq, valuesEnds } = ground
  const onDurable: Parameters<typeof openJournal>[1]['onDurable'] = (events) => {
    for (const event of events) settle(state, event)
  }
  const options = { run, generation, firstSeq: seq + 1, valuesEnds, onDurable, onTrouble: () => undefined }
  const journal = await openJournal(folder, options)
  onTestFinished(() => journal.close())
  let written: (() => void) | undefined
  const core = new Core({
    state,
    run,
    journal,
    clock: { now },
    cores: 1,
    createThread: () => ({}) as Thread,
    post: () => written?.(),
  })
  const checkpointer = new Checkpointer(core, folder)
  const checkpoint = () =>
    new Promise<void>((resolve) => {
      written = resolve
      checkpointer.take('user')
    })
  ground.announce(core)
  await journal.flush()
  return { ground, core, journal, checkpoint }
}

/** An item returns a value. */
function giveValue({ core, journal }: Life, item: number, value: string): void {
  const batch = batchOf(core.plan, item as never)
  const ref = journal.value(batch.id, itemName(batch, item - batch.first), JSON.stringify(value))
  core.emit(chunk(batch.index, [item]))
  core.emit({ ...succeeded(batch.index, [item]), values: [ref] } as RunEvent)
}

/** What those who need the batch read. */
async function valuesOf({ core, journal }: Life, id: string): Promise<unknown[]> {
  const { voids = [] } = core.plan.batches.find((batch) => batch.id === id) ?? {}
  const source = { batch: id, files: journal.valueFiles(id), end: journal.valuesEnd(id), voids }
  const values: unknown[] = []
  for await (const { value } of readResults(source)) values.push(value)
  return values
}

async function stateFolder(): Promise<string> {
  const stateDir = await scratchFolder()
  await prepareStateDir(stateDir)
  return stateDir
}

test('a batch that was taken out and is back begins anew: what its items returned before is void', async () => {
  const stateDir = await stateFolder()
  const one = buildPlan({ batches: [{ id: 'a', count: 1 }] })
  const first = await live(stateDir, one)
  giveValue(first, 0, 'old')
  const second = await live(stateDir, buildPlan({ batches: [{ id: 'b', count: 1 }] }), first)
  const third = await live(stateDir, one, second)
  expect(third.ground.recovered).toMatchObject({ succeeded: 0, new: 1, gone: 1 })
  giveValue(third, 0, 'new')
  await third.journal.flush()
  expect(await valuesOf(third, 'a')).toEqual(['new'])
  const fourth = await live(stateDir, one, third)
  expect(await valuesOf(fourth, 'a')).toEqual(['new'])
})

test.each(['constructor', '__proto__', 'toString'])('a batch may be called %s', async (id) => {
  const stateDir = await stateFolder()
  const plan = buildPlan({ batches: [{ id, count: 2 }] })
  const first = await live(stateDir, plan)
  giveValue(first, 0, 'one')
  const second = await live(stateDir, plan, first)
  giveValue(second, 1, 'two')
  await second.checkpoint()
  const third = await live(stateDir, plan, second)
  expect(await valuesOf(third, id)).toEqual(['one', 'two'])
})

test('a checkpoint holds the lines of events that were on their way to the disk when it was taken', async () => {
  const life = await live(await stateFolder(), buildPlan({ batches: [{ id: 'a', count: 1 }] }))
  const { folder, info } = life.ground
  life.core.emit(chunk(0, [0]))
  life.core.emit(failed(0))
  await life.checkpoint()
  await life.journal.close()
  const { state } = await restore(folder, info)
  await rm(join(folder, CHECKPOINT_NAME))
  const whole = await restore(folder, info)
  expect(state.events.map(({ event }) => event.type)).toEqual(['run.started', 'item.failed'])
  expect(state.events).toEqual(whole.state.events)
})
