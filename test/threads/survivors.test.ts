import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { runId } from '../../src/model/ids.ts'
import type { ReadEnvironments } from '../../src/threads/environments.ts'
import { readProcfs, readPs } from '../../src/threads/environments.ts'
import { endSurvivors } from '../../src/threads/survivors.ts'
import { until } from '../helpers/until.ts'
import { isGone } from './real-processes.ts'

const run = runId('7f3a')
/** No other process of the machine is of this folder. */
const folder = `/state of ${process.pid}/runs/7f3a`
const started: number[] = []

afterEach(() => {
  for (const pid of started.splice(0)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // Ended by the test.
    }
  }
})

/** A process with the environment of an item, in a session of its own. */
async function leave(script: string, env: Record<string, string> = {}): Promise<number> {
  const child = spawn('/bin/sh', ['-c', `echo begun; ${script}`], {
    detached: true,
    env: { PATH: process.env['PATH'], BATCHTOP_RUN: run, BATCHTOP_FOLDER: folder, BATCHTOP_EPOCH: '1', ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const pid = child.pid as number
  started.push(pid)
  await once(child.stdout, 'data')
  return pid
}

/** Who is dead may be there until this process has collected it. */
const lives = (pid: number) => !isGone(pid)

const readers: readonly [string, ReadEnvironments][] = [
  ['procfs', readProcfs],
  ['ps', readPs],
]

test.each(readers)(
  'by %s, what an earlier supervisor left is ended and gone, also where it is stopped or ignores TERM',
  async (_, read) => {
    const stopped = await leave('exec sleep 1000')
    process.kill(stopped, 'SIGSTOP')
    const deaf = await leave("trap '' TERM HUP INT; while :; do sleep 1; done")
    expect(await endSurvivors({ run, folder, epoch: 2 }, read)).toBeGreaterThanOrEqual(2)
    await until(() => !lives(stopped) && !lives(deaf), { instead: () => 'they live' })
  },
)

test('children that a survivor goes on starting are ended with it', async () => {
  const root = await leave('while :; do setsid sh -c "sleep 1000" & sleep 0.01; done')
  await endSurvivors({ run, folder, epoch: 2 })
  expect(lives(root)).toBe(false)
  expect(await endSurvivors({ run, folder, epoch: 2 })).toBe(0)
})

test.each(readers)(
  'by %s, processes of this epoch, of other runs and of runs of the same id elsewhere are left alone',
  async (_, read) => {
    const others = [
      await leave('exec sleep 1000', { BATCHTOP_EPOCH: '2' }),
      await leave('exec sleep 1000', { BATCHTOP_RUN: '7f3' }),
      await leave('exec sleep 1000', { BATCHTOP_FOLDER: '/elsewhere/runs/7f3a' }),
    ]
    expect(await endSurvivors({ run, folder, epoch: 2 }, read)).toBe(0)
    expect(others.map(lives)).toEqual([true, true, true])
  },
)
