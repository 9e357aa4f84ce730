import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { runId, threadNumber } from '../../src/model/ids.ts'
import { readProcfs, readPs } from '../../src/threads/environments.ts'
import type { AttemptMark } from '../../src/threads/strays.ts'
import { findStrays } from '../../src/threads/strays.ts'
import { until } from '../helpers/until.ts'
import { allGone, openLane } from './real-processes.ts'
import { SOON } from './rig.ts'

/** No other process of the machine is of this folder. */
const folder = `/state of ${process.pid}/runs/7f3a`

const attempt: AttemptMark = {
  run: runId('7f3a'),
  folder,
  epoch: 2,
  thread: threadNumber(3),
  number: 12,
  attempt: 1,
}

const variables: Readonly<Record<string, string>> = {
  BATCHTOP_RUN: '7f3a',
  BATCHTOP_FOLDER: folder,
  BATCHTOP_EPOCH: '2',
  BATCHTOP_THREAD: '3',
  BATCHTOP_NUMBER: '12',
  BATCHTOP_ATTEMPT: '1',
}

const readers = [
  ['procfs', readProcfs],
  ['ps', readPs],
] as const

test.each(readers)('by %s, processes of an attempt are found in whatever sessions they made', async (_, read) => {
  const lane = await openLane(['/bin/sh'], variables)
  const stay = `sh -c 'echo "pid $$"; exec sleep 1000'`
  await lane.say(`setsid ${stay} & setsid -f setsid -f ${stay} & (exec ${stay}) &`)
  await until(() => lane.numbers.length === 3, { instead: () => lane.numbers.join(', ') })
  const all = [lane.pid, ...lane.numbers]
  // A process has no environment for the moment in which it becomes another program, and who starts one in a session ends a moment later.
  await expect.poll(async () => new Set(await findStrays(attempt, read)), SOON).toEqual(new Set(all))
  for (const pid of all) process.kill(pid, 'SIGKILL')
  await allGone(all)
  expect(await findStrays(attempt, read)).toEqual([])
})

test.each(Object.keys(variables))('who differs in %s is of another attempt', async (name) => {
  // A longer number begins as the other does.
  await openLane(['/bin/sh'], { ...variables, [name]: `${variables[name]}1` })
  const { [name]: _, ...others } = variables
  await openLane(['/bin/sh'], others)
  expect(await findStrays(attempt)).toEqual([])
})

test('who looks from inside the attempt does not find itself or those who started it', async () => {
  const module = new URL('../../src/threads/strays.ts', import.meta.url).href
  const script = `const { findStrays } = await import('${module}'); console.log(await findStrays(${JSON.stringify(attempt)}))`
  const shell = spawn('/bin/sh', ['-c', '"$@"; exit', 'sh', process.execPath, '--input-type=module', '-e', script], {
    env: { PATH: process.env['PATH'], ...variables },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void shell.kill('SIGKILL'))
  const [text] = (await once(shell.stdout, 'data')) as [Buffer]
  expect(text.toString()).toBe('[]\n')
})

test('who cannot look finds nobody', async () => {
  expect(await findStrays(attempt, () => Promise.reject(new Error('no process could be started')))).toEqual([])
})
