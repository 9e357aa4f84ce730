import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { chooseRun, findRuns } from '../../src/cli/runs.ts'
import { findLiveRuns, MARK } from '../../src/link/liveness.ts'
import { scratchFolder } from '../helpers/scratch.ts'
import { until } from '../helpers/until.ts'
import { knownRun as known } from './known-run.ts'

const chosen = (...args: Parameters<typeof chooseRun>) => chooseRun(...args).info.run

describe('without a name', () => {
  test('the one live run is meant', () => {
    expect(chosen([known('b'), known('a', { isLive: true })], undefined, 'any')).toBe('a')
  })

  test('a live run of this project goes before live ones elsewhere', () => {
    const runs = [known('b', { isLive: true, isHere: false }), known('a', { isLive: true })]
    expect(chosen(runs, undefined, 'live')).toBe('a')
  })

  test('a live run elsewhere goes before an ended one here', () => {
    const runs = [known('b'), known('a', { isLive: true, isHere: false })]
    expect(chosen(runs, undefined, 'any')).toBe('a')
  })

  test('where none is live the newest is meant by whoever only reads', () => {
    expect(chosen([known('b'), known('a')], undefined, 'any')).toBe('b')
    expect(() => chosen([known('b')], undefined, 'live')).toThrow('No run is live.')
  })

  test('several live runs are named, exit 4', () => {
    const runs = [known('b', { isLive: true }), known('a', { isLive: true, plan: 'other' })]
    const hint = expect.stringContaining('a of other, live') as string
    expect(() => chosen(runs, undefined, 'any')).toThrow(expect.objectContaining({ exit: 4, hint }))
  })

  test('no run at all', () => {
    expect(() => chosen([], undefined, 'any')).toThrow('There are no runs here.')
  })
})

describe('with a name', () => {
  const runs = [
    known('7f3b', { plan: 'stories' }),
    known('7f3a', { plan: 'audit', isLive: true }),
    known('12', { plan: 'audit' }),
  ]

  test.each([
    ['7f3a', '7f3a'],
    ['1', '12'],
    ['stories', '7f3b'],
    ['audit', '7f3a'],
    ['last', '7f3b'],
  ])('%s means %s', (name, run) => {
    expect(chosen(runs, name, 'any')).toBe(run)
  })

  test('a beginning that several have, and one that none has, exit 4', () => {
    expect(() => chosen(runs, '7f', 'any')).toThrow('Several runs begin with 7f.')
    expect(() => chosen(runs, 'zz', 'any')).toThrow('There is no run zz.')
  })

  test('who wants to steer is told that an ended run is not live', () => {
    expect(() => chosen(runs, '12', 'live')).toThrow('Run 12 of audit, succeeded, is not live.')
  })

  test('one with work left can be gone on with', () => {
    for (const end of ['none', 'stopped'] as const) {
      expect(() => chosen([known('7f3a', { end })], '7f3a', 'live')).toThrow(
        expect.objectContaining({ hint: '`batchtop recover 7f3a` goes on with it.' }),
      )
    }
  })
})

test('where nothing is live, a newest run with work left is named with how to go on', () => {
  expect(() => chosen([known('7f3a', { end: 'none' })], undefined, 'live')).toThrow(
    expect.objectContaining({
      hint: 'The newest run is 7f3a of p, interrupted. `batchtop recover 7f3a` goes on with it.',
    }),
  )
})

test('a run that this version cannot read is told apart from one that is not there, once it is named', async () => {
  const stateDir = await scratchFolder()
  const folder = join(stateDir, 'runs', '7f3a')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'run.json'), '{ "format": 99, "run": "7f3a" }')
  await expect(findRuns({ stateDir, run: '7f3a' })).rejects.toMatchObject({ code: 'run-format' })
  await writeFile(join(folder, 'run.json'), '{ "format": 1,')
  await expect(findRuns({ stateDir, run: '7f3a' })).rejects.toMatchObject({ code: 'run-damaged' })
  expect(await findRuns({ stateDir, run: '7f3b' })).toEqual([])
  expect(await findRuns({ stateDir })).toEqual([])
})

test.runIf(process.platform === 'linux')('a live run of a newer batchtop elsewhere is passed over', async () => {
  const folder = join(await scratchFolder(), 'runs', '7f3a')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'run.json'), '{ "format": 99, "run": "7f3a" }')
  const supervisor = spawn('/bin/sh', ['-c', 'read line', MARK], { cwd: folder, stdio: ['pipe', 'ignore', 'ignore'] })
  onTestFinished(() => void supervisor.stdin.end())
  const isFound = async () => (await findLiveRuns()).some((live) => live.folder === folder)
  await until(isFound, { instead: () => 'no live run' })
  // Only who named no state folder looks elsewhere.
  vi.stubEnv('BATCHTOP_STATE_DIR', undefined)
  onTestFinished(() => void vi.unstubAllEnvs())
  expect((await findRuns({})).map((run) => run.info.folder)).not.toContain(folder)
})
