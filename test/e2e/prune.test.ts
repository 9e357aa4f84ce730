import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Gates } from '../helpers/gates.ts'
import { Box } from '../helpers/program.ts'

let box: Box
let gates: Gates

beforeEach(async () => {
  box = await Box.open()
  gates = await Gates.in(box)
})
afterEach(() => box.close())

interface Pruned {
  readonly run: string
  readonly removed: boolean
  readonly kept?: string
}

const runs = async () => (await readdir(join(box.stateDir, 'runs'))).toSorted()

/** Runs a plan of one item to its end. @returns the run's id, and the plan for more */
async function endedRun(plan: string): Promise<string> {
  const before = await runs().catch((): string[] => [])
  expect((await box.run('run', plan, '--plain')).code).toBe(0)
  return (await runs()).find((run) => !before.includes(run)) ?? ''
}

/** As if it had run so many days ago. */
async function makeOlder(run: string, days: number): Promise<void> {
  const path = join(box.stateDir, 'runs', run, 'run.json')
  const info = JSON.parse(await readFile(path, 'utf8')) as { startedAt: number; ended: { at: number } }
  const ms = days * 24 * 3_600_000
  const ended = { ...info.ended, at: info.ended.at - ms }
  await writeFile(path, JSON.stringify({ ...info, startedAt: info.startedAt - ms, ended }))
}

async function noopPlan(name: string): Promise<string> {
  return await gates.plan(name, { threads: 1, batches: '  - { id: a, items: [x], task: ./noop.ts }\n' })
}

test('the oldest runs go, a dry run says which and removes nothing', async () => {
  const plan = await noopPlan('many')
  const first = await endedRun(plan)
  const second = await endedRun(plan)
  const third = await endedRun(plan)
  const dry = await box.run('prune', '--keep', '1', '--dry-run')
  expect(dry).toMatchObject({ code: 0, out: expect.stringMatching(/Would remove 2 runs \(\d+ kB\)\.\n$/) })
  expect(dry.out).toContain(first)
  expect(dry.out).toContain(second)
  expect(await runs()).toEqual([first, second, third].toSorted())
  const gone = await box.lines<Pruned>('prune', '--keep', '1')
  expect(gone.map(({ run, removed }) => [run, removed])).toEqual([
    [second, true],
    [first, true],
  ])
  expect(await runs()).toEqual([third])
  expect((await box.run('prune')).out).toBe('Nothing was removed.\n')
})

test('a live run never goes, one with work left only with --force', async () => {
  const plan = await gates.plan('left', { threads: 1, batches: gates.batch('a', '[x, y]') })
  const { out } = await box.run('run', plan, '-d')
  await gates.began('x')
  const stays = await box.lines<Pruned>('prune', '--keep', '0', '--force')
  expect(stays).toMatchObject([{ run: out.trim(), removed: false, kept: expect.stringContaining('live') }])
  await box.run('stop', '--now')
  await box.run('wait', out.trim())
  expect(await box.lines('prune', '--keep', '0')).toMatchObject([{ removed: false }])
  expect(await runs()).toEqual([out.trim()])
  expect(await box.lines('prune', '--keep', '0', '--force')).toMatchObject([{ removed: true }])
  expect(await runs()).toEqual([])
})

test('ended runs of a plan that is live go all the same', async () => {
  const plan = await gates.plan('busy', { threads: 1, batches: gates.batch('a', '[x]') })
  await gates.go('x')
  const old = await endedRun(plan)
  await makeOlder(old, 2)
  const now = await gates.plan('busy', { threads: 1, batches: gates.batch('a', '[y]') })
  const { out } = await box.run('run', now, '-d')
  await gates.began('y')
  expect(await box.lines<Pruned>('prune', '--older', '1')).toMatchObject([{ run: old, removed: true }])
  expect(await runs()).toEqual([out.trim()])
})

test('where a run starts, old ones go with one line', async () => {
  const plan = await noopPlan('start')
  const [old, young] = [await endedRun(plan), await endedRun(plan)]
  await makeOlder(old, 31)
  await makeOlder(young, 29)
  const { code, out, err } = await box.run('run', plan, '-d')
  expect(code).toBe(0)
  expect(err).toMatch(/^batchtop: removed 1 old run \(\d+ kB\): batchtop prune -h has the rules\n$/)
  await box.run('wait', out.trim())
  expect(await runs()).toEqual([young, out.trim()].toSorted())
})

test('a run that starts is one of the twenty that are kept; one that goes on was one before', async () => {
  const plan = await noopPlan('twenty')
  const first = await endedRun(plan)
  const folder = (run: string) => join(box.stateDir, 'runs', run)
  const text = await readFile(join(folder(first), 'run.json'), 'utf8')
  for (let copy = 1; copy < 20; copy += 1) {
    const run = `${10_000 + copy}`
    await cp(folder(first), folder(run), { recursive: true })
    await writeFile(join(folder(run), 'run.json'), text.replaceAll(first, run))
  }
  const { err } = await box.run('run', plan, '--plain')
  expect(err).toContain('batchtop: removed 1 old run')
  expect(await runs()).toHaveLength(20)
  const left = await gates.plan('goes-on', { threads: 1, batches: gates.batch('a', '[x]') })
  const { out } = await box.run('run', left, '-d')
  await gates.began('x')
  await box.run('stop', '--now')
  await box.run('wait', out.trim())
  await gates.go('x')
  expect((await box.run('recover', '--plain')).err).not.toContain('removed')
  expect(await runs()).toHaveLength(20)
})

test('what cannot be removed is no reason not to start', async () => {
  const plan = await noopPlan('odd')
  const old = await endedRun(plan)
  await makeOlder(old, 31)
  await writeFile(join(box.stateDir, 'runs', 'no-run'), 'a file where a folder is due')
  expect(await box.run('run', plan, '--plain')).toMatchObject({ code: 0 })
})
