import { chmod, mkdir, readdir, readFile, rename, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test, vi } from 'vitest'
import { readPlan, readPlans, readPlanText, writePlanVersion } from '../../src/journal/plan-files.ts'
import { createRunFolder, listRuns, matchRuns } from '../../src/journal/run-folder.ts'
import type { RunInfo } from '../../src/journal/run-info.ts'
import { readRunInfo, writeRunInfo } from '../../src/journal/run-info.ts'
import { prepareStateDir } from '../../src/journal/state-dir.ts'
import { runId } from '../../src/model/ids.ts'
import { decodeName } from '../../src/model/names.ts'
import type { Batch, Plan } from '../../src/model/plan.ts'
import { wallTime } from '../../src/model/units.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { listedPlan } from '../helpers/edit-plan.ts'
import { scratchFolder } from '../helpers/scratch.ts'

// Hundreds of times it waits for a disk, each time for as long as that takes.
vi.setConfig({ testTimeout: 300_000 })

async function stateFolder(): Promise<string> {
  const stateDir = join(await scratchFolder(), 'state')
  await prepareStateDir(stateDir)
  return stateDir
}

const mode = async (path: string) => (await stat(path)).mode & 0o777

function infoOf(folder: string, fields: Partial<RunInfo> = {}): RunInfo {
  return {
    format: 1,
    run: runId('7f3a'),
    plan: 'test',
    planPath: '/plans/test.yaml',
    stateDir: '/state',
    folder,
    startedAt: wallTime(1000),
    epoch: 1,
    planVersion: 1,
    pid: 1,
    bootId: '',
    isForeground: false,
    options: { threads: '6' },
    items: 3,
    threads: 2,
    ...fields,
  }
}

test('a state folder is made for its user only and hidden from git; an existing one keeps its files', async () => {
  const stateDir = await stateFolder()
  expect(await mode(stateDir)).toBe(0o700)
  expect(await readFile(join(stateDir, '.gitignore'), 'utf8')).toBe('*\n')
  const existing = await scratchFolder()
  await prepareStateDir(existing)
  await prepareStateDir(existing)
  expect(await readdir(existing)).toEqual(['plans', 'runs'])
})

test('a folder that others can write into is refused, unless nothing but state is in it', async () => {
  const folder = await scratchFolder()
  await chmod(folder, 0o775)
  await writeFile(join(folder, 'README.md'), '')
  await prepareStateDir(folder)
  expect(await mode(folder)).toBe(0o755)
  await writeFile(join(folder, 'notes.txt'), '')
  for (const open of [0o720, 0o702, 0o777]) {
    await chmod(folder, open)
    await expect(prepareStateDir(folder)).rejects.toMatchObject({ code: 'state-dir', exit: 2 })
    expect(await mode(folder)).toBe(open)
  }
})

test('a run folder holds the plan as written and as compiled', async () => {
  const stateDir = await stateFolder()
  const { batches, ...rest } = buildPlan({
    batches: [
      { id: 'a', count: 3 },
      { id: 'b', count: 2 },
      { id: 'c', count: 2 },
    ],
  })
  const names = [
    ['x y', 'line\nbreak'],
    ['ü', '"'],
  ]
  const listed = names.map((list, place): Batch => {
    const batch = batches[place + 1] as Batch
    return Object.assign(batch, { names: { kind: 'list', names: list } })
  })
  const plan: Plan = { ...rest, batches: [...batches.slice(0, 1), ...listed] }
  const { run, folder } = await createRunFolder(stateDir, plan, 'name: test # as written\n')
  expect(run).toMatch(/^[0-9a-f]{4}$/)
  expect(folder).toBe(join(stateDir, 'runs', run))
  expect(await readFile(join(folder, 'plan.yaml'), 'utf8')).toBe('name: test # as written\n')
  expect(await readPlan(folder)).toEqual(plan)
  expect(await readFile(join(folder, 'items.list'), 'utf8')).toBe('"x y"\n"line\\nbreak"\n"ü"\n"\\""\n')
  expect(await readFile(join(folder, 'plan.json'), 'utf8')).not.toContain('line')
  expect(await Promise.all([folder, join(folder, 'values'), join(folder, 'logs')].map(mode))).toEqual([
    0o700, 0o700, 0o700,
  ])
  expect(await Promise.all(['plan.yaml', 'plan.json', 'items.list'].map((name) => mode(join(folder, name))))).toEqual([
    0o600, 0o600, 0o600,
  ])
})

test('names keep their bytes in a run folder, and rows of tables stand with them', async () => {
  const stateDir = await stateFolder()
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 6 }).filter((name) => !name.includes(0))
  const cell = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('\n', '"', '\\', '[', '\u2028'))
  const names = fc.uniqueArray(bytes.map(decodeName), { maxLength: 6 })
  const rows = fc.uniqueArray(fc.tuple(cell, cell, cell), { selector: ([name]) => name, maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(names, rows, async (list, table) => {
      const plan = listedPlan([
        { id: 'names', items: list },
        { id: 'table', items: { columns: ['id', 'x', 'y'], rows: table } },
        { id: 'more', items: list },
      ])
      const { folder } = await createRunFolder(stateDir, plan, '')
      expect(await readPlan(folder)).toEqual(plan)
    }),
    { numRuns: 40 },
  )
})

test('a product of any size is kept in the plan alone', async () => {
  const stateDir = await stateFolder()
  const values = { kind: 'pattern', prefix: '', from: 1, width: 0, suffix: '', count: 5000 } as const
  const product = ['a', 'b'].map((name) => ({ name, values }))
  const plan = listedPlan([{ id: 'sweep', items: { product } }])
  const { folder } = await createRunFolder(stateDir, plan, '')
  expect(plan.items).toBe(25_000_000)
  expect(await readPlan(folder)).toEqual(plan)
  expect(await readdir(folder)).not.toContain('items.list')
})

test('runs that are made at once get ids of their own', async () => {
  const stateDir = await stateFolder()
  const plan = buildPlan({ batches: [{ id: 'a', count: 1 }] })
  const made = await Promise.all(Array.from({ length: 20 }, () => createRunFolder(stateDir, plan, '')))
  expect(new Set(made.map(({ run }) => run)).size).toBe(20)
  expect((await readdir(join(stateDir, 'runs'))).length).toBe(20)
})

test('run.json comes back as written, for its user only, with the folder it was found in', async () => {
  const folder = join(await scratchFolder(), '7f3a')
  await mkdir(folder)
  expect(await readRunInfo(folder)).toBeUndefined()
  const info = infoOf(folder)
  await writeRunInfo(info)
  expect(await readRunInfo(folder)).toEqual(info)
  expect(await mode(join(folder, 'run.json'))).toBe(0o600)
  const ended = {
    at: wallTime(2000),
    outcome: 'succeeded',
    succeeded: 3,
    failed: 0,
    skipped: 0,
    left: 0,
    ms: 1000,
    exit: 0,
  } as const
  await writeRunInfo({ ...info, ended })
  expect((await readRunInfo(folder))?.ended).toEqual(ended)
  expect(await readdir(folder)).toEqual(['run.json'])
  await rename(folder, `${folder}b`)
  expect((await readRunInfo(`${folder}b`))?.folder).toBe(`${folder}b`)
})

test('a plan that a recovery goes on with is kept beside the one of the start', async () => {
  const stateDir = await stateFolder()
  const first = listedPlan([{ id: 'a', items: ['one', 'two'] }])
  const second = listedPlan([
    { id: 'b', items: ['two', '"three"', 'line\nbreak'] },
    { id: 'c', items: { prefix: 'c', from: 1, width: 2, suffix: '', count: 3 } },
  ])
  const { folder } = await createRunFolder(stateDir, first, 'name: first\n')
  expect(await readPlans(folder)).toEqual([first])
  // What a recovery left that did not get to its first event is written over.
  const stale = listedPlan([{ id: 'b', items: Array.from({ length: 9 }, (_, place) => `stale ${place}`) }])
  await writePlanVersion(folder, 2, stale, 'name: stale\n')
  await writePlanVersion(folder, 2, second, 'name: second\n')
  expect(await readPlans(folder)).toEqual([first, second])
  expect([await readPlanText(folder, 1), await readPlanText(folder, 2)]).toEqual(['name: first\n', 'name: second\n'])
  const names = ['items-2.list', 'items.list', 'plan-2.json', 'plan-2.yaml', 'plan.json', 'plan.yaml']
  expect((await readdir(folder)).toSorted()).toEqual([...names, 'logs', 'values'].toSorted())
  expect(await Promise.all(names.map((name) => mode(join(folder, name))))).toEqual(names.map(() => 0o600))
  // The plan that holds is the one the run says.
  expect(await readPlan(folder)).toEqual(first)
  await writeRunInfo(infoOf(folder, { planVersion: 2 }))
  expect(await readPlan(folder)).toEqual(second)
})

test('a plan whose writing was cut short is not there', async () => {
  const stateDir = await stateFolder()
  const first = listedPlan([{ id: 'a', items: ['one'] }])
  const { folder } = await createRunFolder(stateDir, first, '')
  await writePlanVersion(folder, 2, buildPlan({ batches: [{ id: 'a', count: 2 }] }), '')
  await mkdir(join(folder, 'items-2.list'))
  await expect(writePlanVersion(folder, 2, listedPlan([{ id: 'a', items: ['two'] }]), '')).rejects.toThrow('EISDIR')
  expect(await readPlans(folder)).toEqual([first])
})

test('a damaged plan is said to be damaged', async () => {
  const stateDir = await stateFolder()
  const { folder } = await createRunFolder(stateDir, listedPlan([{ id: 'a', items: ['x', 'y'] }]), '')
  await truncate(join(folder, 'plan.json'), 40)
  await expect(readPlans(folder)).rejects.toMatchObject({ code: 'run-damaged' })
})

test('a run of before there were recoveries has its first plan', async () => {
  const folder = join(await scratchFolder(), '7f3a')
  await mkdir(folder)
  const { planVersion: _, ...old } = infoOf(folder)
  await writeFile(join(folder, 'run.json'), JSON.stringify(old))
  expect(await readRunInfo(folder)).toEqual(infoOf(folder))
})

test('a run of an unknown format, or a damaged one, is refused by itself and passed over in a list', async () => {
  const stateDir = await stateFolder()
  for (const [run, at] of [
    ['aaaa', 1],
    ['bbbb', 3],
    ['cccc', 2],
  ] as const) {
    const folder = join(stateDir, 'runs', run)
    await mkdir(folder)
    await writeRunInfo(infoOf(folder, { run: runId(run), startedAt: wallTime(at) }))
  }
  await mkdir(join(stateDir, 'runs', 'dddd'))
  const gone = join(stateDir, 'runs', '.gone-eeee-1')
  await mkdir(gone)
  await writeRunInfo(infoOf(gone))
  const damaged = join(stateDir, 'runs', 'ffff')
  await mkdir(damaged)
  await writeFile(join(damaged, 'run.json'), '{"format":1,')
  await expect(readRunInfo(damaged)).rejects.toMatchObject({ code: 'run-damaged' })
  await writeFile(join(stateDir, 'runs', 'stray.txt'), '')
  const newer = join(stateDir, 'runs', 'cccc')
  await writeFile(join(newer, 'run.json'), '{"format":2}')
  await expect(readRunInfo(newer)).rejects.toMatchObject({ code: 'run-format' })
  expect((await listRuns(stateDir)).map(({ run }) => run)).toEqual(['bbbb', 'aaaa'])
  expect(await listRuns(join(stateDir, 'nowhere'))).toEqual([])
})

test('a run is meant by the beginning of its id, by the name of its plan, or as the last one', () => {
  const known = [
    ['7f3a1', 'stories'],
    ['7f3a', 'audit'],
    ['0b12', 'stories'],
    ['7c00', '7c'],
  ] as const
  const runs = known.map(([run, plan]) => infoOf('', { run: runId(run), plan }))
  const ids = (wanted: string) => matchRuns(runs, wanted).map(({ run }) => run)
  expect(ids('last')).toEqual(['7f3a1'])
  expect(ids('0b')).toEqual(['0b12'])
  expect(ids('7f')).toEqual(['7f3a1', '7f3a'])
  expect(ids('7f3a')).toEqual(['7f3a'])
  expect(ids('stories')).toEqual(['7f3a1'])
  expect(ids('nothing')).toEqual([])
})
