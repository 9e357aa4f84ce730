/** Late batches: when their items are looked for, and what becomes of what is found. */
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { itemIndex } from '../../src/model/ids.ts'
import type { LateItems } from '../../src/model/plan.ts'
import type { BatchSpec } from '../helpers/build-plan.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { FakeRun } from '../helpers/fake-run.ts'
import { until } from '../helpers/until.ts'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(await realpath(tmpdir()), 'batchtop-'))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const command = (text: string): LateItems => ({ isListed: false, kind: 'command', command: text, cwd: folder, env: {} })
const file = (name: string): LateItems => ({ isListed: false, kind: 'file', path: join(folder, name) })
const after = (index: number, when: 'succeeded' | 'ended' = 'succeeded') => ({ kind: 'batch', index, when }) as const

function start(...batches: readonly BatchSpec[]): FakeRun {
  const run = new FakeRun(buildPlan({ batches, threads: 1, batchSize: 10 }))
  run.ready(1)
  return run
}

/** Until so many listings have ended and all is on disk. */
async function listings(run: FakeRun, count: number): Promise<void> {
  await until(() => run.all('batch.listed').length >= count, said(run))
  run.sync()
}

const outputs = (name: string) => ({ outputs: [[{ slot: 'column', name } as const]] })
const said = (run: FakeRun) => ({ instead: () => run.events.map(({ type }) => type).join(' ') })
const last = (run: FakeRun) => run.events.at(-1)

test('items are looked for when what the batch needs is there, and the run is not over before', async () => {
  const run = start({ id: 'a', count: 1 }, { id: 'b', count: 0, late: file('made'), needs: [after(0)] })
  await writeFile(join(folder, 'made'), 'x\ny\n')
  run.end(1)
  expect(run.isFinished).toBe(false)
  await listings(run, 1)
  expect(run.chunk(1)?.names).toEqual(['x'])
  run.end(1)
  run.end(1)
  expect(last(run)).toMatchObject({ type: 'run.finished', succeeded: 3, left: 0, exit: 0 })
})

test('a batch that waits, or is paused, is not listed', async () => {
  const run = start(
    { id: 'a', count: 1 },
    { id: 'b', count: 0, late: command('echo b'), needs: [after(0)] },
    { id: 'c', count: 0, late: command('echo c'), needs: [after(0)] },
  )
  run.command({ verb: 'pauseThreads', batch: 'c', drain: false })
  expect([...run.core.listing]).toEqual([])
  run.end(1)
  expect([...run.core.listing]).toEqual([1])
  await listings(run, 1)
  expect([...run.core.listing]).toEqual([])
  run.command({ verb: 'resumeThreads', batch: 'c' })
  await listings(run, 2)
  expect(run.all('batch.listed').map(({ batch }) => batch)).toEqual([1, 2])
})

test('nothing is listed while everything is paused', async () => {
  const run = new FakeRun(
    buildPlan({
      threads: 1,
      batches: [
        { id: 'a', count: 1 },
        { id: 'b', count: 0, late: file('made'), needs: [after(0)] },
      ],
    }),
  )
  run.ready(1)
  run.pause([1], { drain: true })
  run.end(1)
  expect([...run.core.listing]).toEqual([])
  await writeFile(join(folder, 'made'), 'x\n')
  run.command({ verb: 'resumeThreads' })
  await listings(run, 1)
})

test('an empty listing is the end of its batch, and those that need it go on', async () => {
  const run = start({ id: 'a', count: 0, late: command('true') }, { id: 'b', count: 1, needs: [after(0)] })
  await listings(run, 1)
  expect(run.all('batch.finished')).toMatchObject([{ batch: 0, succeeded: 0, failed: 0, skipped: 0 }])
  expect(run.held(1)).toEqual(['b'])
  run.end(1)
  expect(last(run)).toMatchObject({ type: 'run.finished', succeeded: 1, exit: 0 })
})

test('what needs an empty batch waits until its listing is on disk', async () => {
  const run = start({ id: 'a', count: 0, late: command('true') }, { id: 'b', count: 1, needs: [after(0)] })
  await until(() => run.all('batch.listed').length > 0, said(run))
  expect(run.chunk(1)).toBeUndefined()
  run.sync()
  expect(run.held(1)).toEqual(['b'])
})

test('a listing that does not work is an item that failed: seen, skipping what needs it, and ending the run with exit 1', async () => {
  const run = start(
    { id: 'a', count: 0, late: command('echo no such thing >&2; exit 3') },
    { id: 'b', count: 1, needs: [after(0)] },
  )
  await listings(run, 1)
  expect(run.all('item.failed')).toMatchObject([
    { attempt: 1, reason: { kind: 'setup', message: expect.stringMatching(/exit 3.*no such thing/) as string } },
  ])
  expect(run.core.plan.batches[0]).toMatchObject({ count: 1, names: { names: ['a'] } })
  expect(last(run)).toMatchObject({ type: 'run.finished', failed: 1, skipped: 1, left: 0, exit: 1 })
})

test('a retry of it looks again, and the items that are found then are others', async () => {
  const run = start({ id: 'a', count: 0, late: file('later') }, { id: 'b', count: 1 })
  await listings(run, 1)
  await writeFile(join(folder, 'later'), 'x\n')
  expect(run.command({ verb: 'retryItems', items: [itemIndex(1)] }).answer).toMatchObject({ ok: true })
  await listings(run, 2)
  run.end(1)
  expect(run.chunk(1)).toMatchObject({ names: ['x'], items: [2], attempts: [1] })
  run.end(1)
  expect(last(run)).toMatchObject({ type: 'run.finished', succeeded: 2, failed: 0, exit: 0 })
})

test('what stands for a listing is never run, and a person may skip it: then the batch counts as done', async () => {
  const run = start(
    { id: 'a', count: 0, late: file('never') },
    { id: 'b', count: 1, needs: [after(0)] },
    { id: 'c', count: 1 },
  )
  await listings(run, 1)
  run.command({ verb: 'pauseThreads', batch: 'a', drain: false })
  run.command({ verb: 'retryItems', items: [itemIndex(2)] })
  run.sync()
  expect(run.held(1)).toEqual(['c'])
  expect(run.command({ verb: 'skipItems', items: [itemIndex(2)] }).answer).toMatchObject({ ok: true })
  run.end(1)
  expect(run.held(1)).toEqual(['b'])
  run.end(1)
  expect(last(run)).toMatchObject({ type: 'run.finished', succeeded: 2, skipped: 1, exit: 0 })
})

test('a batch that can never start is never listed, and neither is one that needs it', async () => {
  const run = start(
    { id: 'a', count: 1 },
    { id: 'b', count: 0, late: command('echo x'), needs: [after(0)] },
    { id: 'c', count: 0, late: command('echo y'), needs: [after(1)] },
    { id: 'd', count: 1, needs: [after(1, 'ended')] },
  )
  run.end(1, 'fail')
  run.sync()
  expect(run.all('items.skipped')).toMatchObject([
    { batch: 1, items: 'rest', count: 0, because: { kind: 'need', id: 'a' } },
    { batch: 2, items: 'rest', count: 0, because: { kind: 'need', id: 'b' } },
  ])
  expect(run.held(1)).toEqual(['d'])
  run.command({ verb: 'retryItems', items: 'failed' })
  run.end(1)
  expect(run.held(1)).toEqual(['a'])
  run.end(1)
  await listings(run, 1)
  run.end(1)
  await listings(run, 2)
  run.end(1)
  expect(last(run)).toMatchObject({ type: 'run.finished', succeeded: 4, exit: 0 })
})

test('a run that is stopped while items are looked for has that left to do', async () => {
  const run = start({ id: 'a', count: 0, late: command('echo x') })
  run.command({ verb: 'stopRun', isNow: false })
  run.sync()
  expect(last(run)).toMatchObject({ type: 'run.finished', outcome: 'stopped', left: 1, exit: 3 })
  await until(() => run.core.listing.size === 0, said(run))
  expect(run.all('batch.listed')).toEqual([])
})

test('a table without a column that the batch names is a listing that does not work', async () => {
  await writeFile(join(folder, 'table.csv'), 'name,size\nx,1\n')
  const plan = buildPlan({
    batches: [
      { id: 'a', count: 0, late: { isListed: false, kind: 'csv', path: join(folder, 'table.csv') } },
      { id: 'b', count: 0, late: { isListed: false, kind: 'csv', path: join(folder, 'table.csv') } },
    ],
  })
  const [a, b] = plan.batches
  const run = new FakeRun({
    ...plan,
    batches: [
      { ...a, ...outputs('colour') },
      { ...b, ...outputs('size') },
    ] as never,
  })
  await listings(run, 2)
  expect(run.all('item.failed')).toMatchObject([
    { reason: { kind: 'setup', message: expect.stringMatching(/uses \{colour\}.*It has name, size$/) as string } },
  ])
  expect(run.core.plan.batches[1]?.names).toMatchObject({ names: ['x'], table: { columns: ['name', 'size'] } })
})
