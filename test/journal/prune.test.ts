import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { takePlanLock } from '../../src/journal/lock.ts'
import type { Prunable, PruneOptions } from '../../src/journal/prune.ts'
import { findPrunable, removeLeftovers, removeRun } from '../../src/journal/prune.ts'
import { listRuns } from '../../src/journal/run-folder.ts'
import type { RunInfo } from '../../src/journal/run-info.ts'
import { writeRunInfo } from '../../src/journal/run-info.ts'
import { prepareStateDir } from '../../src/journal/state-dir.ts'
import { runId } from '../../src/model/ids.ts'
import { bytes, millis, wallTime } from '../../src/model/units.ts'
import { scratchFolder } from '../helpers/scratch.ts'

const DAY = 24 * 3_600_000
const NOW = wallTime(1_800_000_000_000)

interface Made {
  readonly id: string
  /** Days ago. */
  readonly began: number
  readonly recovered?: number
  /** Undefined: interrupted. */
  readonly outcome?: 'succeeded' | 'failed' | 'stopped'
  readonly size?: number
}

async function stateWith(runs: readonly Made[]): Promise<string> {
  const stateDir = await scratchFolder()
  await prepareStateDir(stateDir)
  for (const run of runs) await makeRun(stateDir, run)
  return stateDir
}

async function makeRun(stateDir: string, made: Made): Promise<RunInfo> {
  const { id, began, recovered, outcome, size = 10 } = made
  const folder = join(stateDir, 'runs', id)
  await mkdir(join(folder, 'values', 'deep'), { recursive: true })
  await writeFile(join(folder, 'values', 'deep', 'some.ndjson'), Buffer.alloc(size))
  const at = wallTime(NOW - (recovered ?? began) * DAY + 3_600_000)
  const counts = { succeeded: 1, failed: 0, skipped: 0, left: outcome === 'stopped' ? 2 : 0, ms: 1, exit: 0 }
  const info: RunInfo = {
    format: 1,
    run: runId(id),
    plan: 'test',
    planPath: '/plans/test.yaml',
    stateDir,
    folder,
    startedAt: wallTime(NOW - began * DAY),
    ...(recovered === undefined ? {} : { recoveredAt: wallTime(NOW - recovered * DAY) }),
    epoch: 1,
    planVersion: 1,
    pid: 1,
    bootId: '',
    isForeground: false,
    options: {},
    items: 3,
    threads: 1,
    ...(outcome ? { ended: { at, outcome, ...counts } } : {}),
  }
  await writeRunInfo(info)
  return info
}

const find = (stateDir: string, options: Partial<PruneOptions> = {}): Promise<Prunable[]> =>
  findPrunable(stateDir, { now: NOW, isLive: () => false, ...options })

const ago = (ended: 'ended' | 'began', days: number) => ({ kind: 'age', hasEnded: ended === 'ended', days })

/** Of an age only whole days. */
const whysOf = (found: readonly Prunable[]) =>
  found.map(({ info, over, kept }) => {
    const why = over.kind === 'age' ? { ...over, past: undefined, days: Math.floor(over.past / DAY) } : over
    return [info.run, why, kept]
  })

const succeededRuns = (count: number): Made[] =>
  Array.from({ length: count }, (_, place) => ({ id: `${1000 + place}`, began: place / 10, outcome: 'succeeded' }))

test('of few, young and small runs none goes', async () => {
  expect(await find(await stateWith(succeededRuns(20)))).toEqual([])
  expect(await find(join(await scratchFolder(), 'nowhere'))).toEqual([])
})

test('runs go that are not among the last ones', async () => {
  const stateDir = await stateWith(succeededRuns(22))
  const reason = { kind: 'count', keep: 20 }
  expect(whysOf(await find(stateDir))).toEqual([
    ['1020', reason, undefined],
    ['1021', reason, undefined],
  ])
  expect((await find(stateDir, { keep: 3 })).map(({ info }) => info.run)).toHaveLength(19)
  expect(await find(stateDir, { keep: 0 })).toHaveLength(22)
})

test('runs go that ended long ago; one that was recovered counts from then', async () => {
  const stateDir = await stateWith([
    { id: 'aaaa', began: 50, recovered: 2, outcome: 'succeeded' },
    { id: 'bbbb', began: 29, outcome: 'failed' },
    { id: 'cccc', began: 31, outcome: 'failed' },
  ])
  expect(whysOf(await find(stateDir))).toEqual([['cccc', ago('ended', 30), undefined]])
  expect(whysOf(await find(stateDir, { age: millis(DAY) }))).toEqual([
    ['aaaa', ago('ended', 1), undefined],
    ['bbbb', ago('ended', 28), undefined],
    ['cccc', ago('ended', 30), undefined],
  ])
  expect(whysOf(await find(stateDir, { keep: 1 }))[0]?.[0]).toBe('bbbb')
})

test('runs go that with the newer ones take too much room, but never the newest for that', async () => {
  const stateDir = await stateWith([
    { id: 'aaaa', began: 1, outcome: 'succeeded', size: 5000 },
    { id: 'bbbb', began: 2, outcome: 'succeeded', size: 2000 },
    { id: 'cccc', began: 3, outcome: 'succeeded', size: 100 },
  ])
  await symlink('/usr', join(stateDir, 'runs', 'aaaa', 'elsewhere'))
  const found = await find(stateDir, { size: bytes(7 * 1024) })
  expect(whysOf(found)).toEqual([
    ['bbbb', { kind: 'size', most: 7 * 1024 }, undefined],
    ['cccc', { kind: 'size', most: 7 * 1024 }, undefined],
  ])
  expect(found[0]?.bytes).toBeGreaterThan(2000)
  expect(found[0]?.bytes).toBeLessThan(3000)
  expect(await find(stateDir, { size: bytes(1000) })).toHaveLength(2)
  expect(await find(stateDir, { size: bytes(2 ** 20) })).toEqual([])
})

const isLive = ({ run }: RunInfo) => run === 'dddd'

test('runs with work left stay unless they are forced to go, live ones stay always', async () => {
  const stateDir = await stateWith([
    { id: 'aaaa', began: 40, outcome: 'succeeded' },
    { id: 'bbbb', began: 41, outcome: 'stopped' },
    { id: 'cccc', began: 42 },
    { id: 'dddd', began: 43 },
  ])
  expect(whysOf(await find(stateDir, { isLive }))).toEqual([
    ['aaaa', ago('ended', 39), undefined],
    ['bbbb', ago('ended', 40), 'it has work left'],
    ['cccc', ago('began', 42), 'it was interrupted and has work left'],
    ['dddd', ago('began', 43), 'it is live'],
  ])
  expect((await find(stateDir, { isLive, force: true })).map(({ kept }) => kept)).toEqual([
    undefined,
    undefined,
    undefined,
    'it is live',
  ])
})

test('a run is removed as a whole, and what another prune left of one does not hinder that', async () => {
  const stateDir = await stateWith([{ id: 'bbbb', began: 1, outcome: 'succeeded' }])
  const info = await makeRun(stateDir, { id: 'aaaa', began: 1, outcome: 'succeeded' })
  await mkdir(join(stateDir, 'runs', '.gone-aaaa-1', 'values'), { recursive: true })
  expect(await removeRun(stateDir, info)).toBe(true)
  expect(await readdir(join(stateDir, 'runs'))).toEqual(['.gone-aaaa-1', 'bbbb'])
  expect((await listRuns(stateDir)).map(({ run }) => run)).toEqual(['bbbb'])
})

test('a run whose plan somebody has is not removed; who has it himself may', async () => {
  const stateDir = await stateWith([])
  const info = await makeRun(stateDir, { id: 'aaaa', began: 1, outcome: 'succeeded' })
  const holder = fileURLToPath(new URL('fixtures/hold-lock.ts', import.meta.url))
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', holder, stateDir, info.planPath], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  expect(await once(createInterface({ input: child.stdout }), 'line')).toEqual(['held'])
  expect(await removeRun(stateDir, info)).toBe(false)
  expect((await listRuns(stateDir)).map(({ run }) => run)).toEqual(['aaaa'])
  child.kill('SIGKILL')
  await once(child, 'exit')
  const lock = takePlanLock(stateDir, { path: info.planPath, name: info.plan })
  onTestFinished(() => lock?.release())
  expect(await removeRun(stateDir, info, { isLockHeld: true })).toBe(true)
  expect(await listRuns(stateDir)).toEqual([])
})

test('a run that was taken up again since somebody looked is not removed', async () => {
  const stateDir = await stateWith([])
  const info = await makeRun(stateDir, { id: 'aaaa', began: 40, outcome: 'failed' })
  const { ended: _, ...rest } = info
  await writeRunInfo({ ...rest, epoch: 2 })
  expect(await removeRun(stateDir, info)).toBe(false)
  expect(await listRuns(stateDir)).toHaveLength(1)
})

test('what killed prunes and starts left behind goes, what a start needs just now stays', async () => {
  const stateDir = await stateWith([{ id: 'aaaa', began: 1, outcome: 'succeeded' }])
  await mkdir(join(stateDir, 'runs', '.gone-bbbb-1', 'logs'), { recursive: true })
  await writeFile(join(stateDir, 'runs', '.gone-bbbb-1', 'logs', 't1-1.log'), 'text')
  for (const [name, age] of [
    ['start-1-1.log', 2],
    ['start-2-2.log', 0.5],
    ['kept.log', 2],
  ] as const) {
    const path = join(stateDir, 'plans', name)
    await writeFile(path, '')
    await utimes(path, new Date(NOW - age * DAY), new Date(NOW - age * DAY))
  }
  await removeLeftovers(stateDir, NOW)
  expect(await readdir(join(stateDir, 'runs'))).toEqual(['aaaa'])
  expect((await readdir(join(stateDir, 'plans'))).toSorted()).toEqual(['kept.log', 'start-2-2.log'])
  await removeLeftovers(join(stateDir, 'nowhere'), NOW)
})
