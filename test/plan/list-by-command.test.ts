import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { folderWith } from './rig.ts'

const module = new URL('../../src/plan/list-by-command.ts', import.meta.url).href

/** False for one that is gone, or only waits to be noticed by its new parent. */
function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends a listing command along with the process that runs it',
  async (signal) => {
    const folder = folderWith({
      'main.mjs': `import { listByCommand } from '${module}'\nawait listByCommand('sleep 1000 & echo $! > pid; wait', process.cwd(), {})`,
    })
    const child = spawn(process.execPath, ['main.mjs'], { cwd: folder, stdio: 'ignore' })
    onTestFinished(() => void child.kill('SIGKILL'))
    const file = join(folder, 'pid')
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8').trim(), { timeout: 10_000 }).toMatch(/^\d+$/)
    const pid = Number(readFileSync(file, 'utf8'))
    const ended = once(child, 'exit')
    child.kill(signal)
    expect(await ended).toEqual([null, signal])
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false)
  },
)
