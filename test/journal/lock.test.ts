import type { ChildProcessByStdio } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Interface } from 'node:readline'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { PlanLock } from '../../src/journal/lock.ts'
import { readPlanOwner, takePlanLock } from '../../src/journal/lock.ts'
import { runId } from '../../src/model/ids.ts'
import { scratchFolder } from '../helpers/scratch.ts'

const holder = fileURLToPath(new URL('fixtures/hold-lock.ts', import.meta.url))
const plan = { path: '/plans/test.yaml', name: 'test' }

interface Holder {
  readonly child: ChildProcessByStdio<Writable, Readable, null>
  readonly lines: Interface
  readonly said: string
}

async function nextLine(lines: Interface): Promise<string> {
  const [line] = (await once(lines, 'line')) as [string]
  return line
}

/** Another process that tries to take the lock. */
async function hold(stateDir: string, file = ''): Promise<Holder> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', holder, stateDir, plan.path, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })
  return { child, lines, said: await nextLine(lines) }
}

async function tell({ child, lines }: Holder, word: string): Promise<string> {
  const answer = nextLine(lines)
  child.stdin.write(`${word}\n`)
  return await answer
}

function take(stateDir: string): PlanLock | undefined {
  const lock = takePlanLock(stateDir, plan)
  if (lock) onTestFinished(() => lock.release())
  return lock
}

function lockFile(stateDir: string): string {
  const [folder = ''] = readdirSync(join(stateDir, 'plans'))
  return join(stateDir, 'plans', folder, 'lock.db')
}

test('of several processes that want a plan one gets it', async () => {
  const stateDir = await scratchFolder()
  const all = await Promise.all(Array.from({ length: 4 }, () => hold(stateDir)))
  expect(all.map(({ said }) => said).toSorted()).toEqual(['busy', 'busy', 'busy', 'held'])
  expect(take(stateDir)).toBeUndefined()
})

test('of several that reach for a plan at the same moment one gets it, however often they try', async () => {
  const stateDir = await scratchFolder()
  const all = await Promise.all(Array.from({ length: 2 }, () => hold(stateDir)))
  for (let round = 0; round < 10; round += 1) {
    await Promise.all(all.map((one) => tell(one, 'release')))
    const soon = Date.now() + 20
    const said = await Promise.all(all.map((one) => tell(one, `take ${soon}`)))
    expect(said.toSorted()).toEqual(['busy', 'held'])
  }
})

test('a killed holder leaves the plan free at once', async () => {
  const stateDir = await scratchFolder()
  const { child, said } = await hold(stateDir)
  expect(said).toBe('held')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(take(stateDir)).toBeDefined()
})

test('a suspended holder keeps the plan', async () => {
  const stateDir = await scratchFolder()
  const { child } = await hold(stateDir)
  child.kill('SIGSTOP')
  expect(take(stateDir)).toBeUndefined()
})

test('releasing frees the plan while the process lives on', async () => {
  const stateDir = await scratchFolder()
  const other = await hold(stateDir)
  await tell(other, 'release')
  expect(take(stateDir)).toBeDefined()
})

test('the same process gets no second lock, and the first one stays', async () => {
  const stateDir = await scratchFolder()
  expect(take(stateDir)).toBeDefined()
  expect(take(stateDir)).toBeUndefined()
  expect((await hold(stateDir)).said).toBe('busy')
})

test('a second descriptor of the file, closed again, drops the lock: why nothing else may open it', async () => {
  const stateDir = await scratchFolder()
  takePlanLock(stateDir, plan)?.release()
  const other = await hold(stateDir, lockFile(stateDir))
  expect(other.said).toBe('held')
  expect(take(stateDir)).toBeUndefined()
  await tell(other, 'touch')
  expect(take(stateDir)).toBeDefined()
})

test('plans that differ in path or name do not hinder each other', async () => {
  const stateDir = await scratchFolder()
  expect(take(stateDir)).toBeDefined()
  for (const other of [
    { ...plan, name: 'other' },
    { ...plan, path: '/elsewhere/test.yaml' },
  ]) {
    const lock = takePlanLock(stateDir, other)
    expect(lock).toBeDefined()
    lock?.release()
  }
})

test('the owner leaves word of itself, for its user only', async () => {
  const stateDir = await scratchFolder()
  expect(await readPlanOwner(stateDir, plan)).toBeUndefined()
  const owner = { run: runId('7f3a'), folder: '/state/runs/7f3a', pid: 4711 }
  await take(stateDir)?.own(owner)
  expect(await readPlanOwner(stateDir, plan)).toEqual(owner)
  expect(statSync(lockFile(stateDir)).mode & 0o077).toBe(0)
  expect((await hold(stateDir)).said).toBe('busy')
})
