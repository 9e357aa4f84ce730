import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findRuns } from '../../src/cli/runs.ts'
import { writeRunInfo } from '../../src/journal/run-info.ts'
import { scratchFolder } from '../helpers/scratch.ts'
import { knownRun } from './known-run.ts'

/** A process that does nothing but be there. */
async function sleeper(folder: string, ...args: readonly string[]): Promise<number> {
  const script = 'console.log(1); setInterval(() => 0, 1e6)'
  const child = spawn(process.execPath, ['-e', script, '--', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child.pid ?? 0
}

async function liveness(pidOf: (stateDir: string) => Promise<number>): Promise<readonly boolean[]> {
  const stateDir = await scratchFolder()
  const folder = join(stateDir, 'runs', '7f3a')
  await mkdir(folder, { recursive: true })
  await mkdir(join(stateDir, 'runs', 'beef'))
  const pid = await pidOf(stateDir)
  await writeRunInfo({ ...knownRun('7f3a', { end: 'none' }).info, folder, stateDir, pid })
  return (await findRuns({ stateDir })).map(({ isLive }) => isLive)
}

test('a supervisor that has noted its run but does not stand in its folder yet counts as live', async () => {
  expect(await liveness((stateDir) => sleeper(stateDir, 'batchtop-supervisor'))).toEqual([true])
})

test('another process of the same number does not, be it the supervisor of another run', async () => {
  expect(await liveness((stateDir) => sleeper(stateDir, 'something'))).toEqual([false])
  expect(await liveness((stateDir) => sleeper(join(stateDir, 'runs', 'beef'), 'batchtop-supervisor'))).toEqual([false])
  expect(await liveness(async () => 0x7ffffff0)).toEqual([false])
})
