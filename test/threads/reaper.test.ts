import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startReaper } from '../../src/threads/reaper.ts'
import { isDead, livingInGroup, SOON, stateOf } from './rig.ts'
import { fixture } from './work.ts'

test('no process is left when the supervisor is killed: idle, running and frozen ones are gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'batchtop-threads-'))
  const supervisor = spawn(process.execPath, [fixture('supervisor'), folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    supervisor.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  })
  const [line] = (await once(supervisor.stdout, 'data')) as [Buffer]
  const pids = JSON.parse(line.toString()) as number[]
  await expect.poll(() => pids.map(stateOf).slice(2), SOON).toEqual(['T', 'T'])
  // The last one has a child process, in its group.
  expect(pids.map((pid) => livingInGroup(pid).length)).toEqual([1, 1, 1, 2])
  supervisor.kill('SIGKILL')
  await expect.poll(() => pids.flatMap(livingInGroup), SOON).toEqual([])
}, 30_000)

test('what was removed is not touched, what was not is killed, frozen or not', async () => {
  const reaper = startReaper()
  const children = [1, 2, 3].map(() => spawn('sleep', ['600'], { detached: true, stdio: 'ignore' }))
  onTestFinished(() => children.forEach((child) => child.kill('SIGKILL')))
  const [kept, removed, frozen] = children.map(({ pid }) => pid as number) as [number, number, number]
  for (const pid of [kept, removed, frozen]) reaper.add(pid)
  process.kill(frozen, 'SIGSTOP')
  reaper.remove(removed)
  reaper.close()
  await expect.poll(() => [isDead(kept), isDead(frozen)], SOON).toEqual([true, true])
  expect(isDead(removed)).toBe(false)
})
