import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findLiveRuns, MARK } from '../../src/link/liveness.ts'
import { scratchFolder } from '../helpers/scratch.ts'

/** A process that stands in this folder and bears this mark. */
async function live(cwd: string, mark: string): Promise<number> {
  await mkdir(cwd, { recursive: true })
  const child = spawn(process.execPath, ['-e', 'console.log(); setInterval(() => {}, 1000)', mark], {
    cwd,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  await once(child.stdout, 'data')
  return child.pid ?? 0
}

test.runIf(process.platform === 'linux')('live runs are found from anywhere by their supervisors', async () => {
  const folder = await scratchFolder()
  const run = join(folder, 'runs', '7f3a')
  const pid = await live(run, MARK)
  await live(join(folder, 'runs', '0b12'), 'another program')
  await live(join(folder, 'project'), MARK)
  const found = (await findLiveRuns()).filter((one) => one.folder.startsWith(folder))
  expect(found).toEqual([{ run: '7f3a', folder: run, pid }])
})
