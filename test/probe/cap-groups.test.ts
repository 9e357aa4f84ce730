/** Caps that a real kernel keeps. Groups of version 1 are tried for real, where this machine lets us make them. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { runId, threadNumber } from '../../src/model/ids.ts'
import { bytes } from '../../src/model/units.ts'
import { type CapGroups, openCapGroups } from '../../src/probe/cap-groups.ts'
import { findHierarchies } from '../../src/probe/cgroup-tree.ts'
import { until } from '../helpers/until.ts'

const MB = 2 ** 20
const own = findHierarchies('memory', '/proc').find(({ version }) => version === 1)?.folders[0] ?? ''
const [first, second] = [threadNumber(1), threadNumber(2)]
const nobody = () => false
const started: ChildProcess[] = []
const opened: CapGroups[] = []

afterEach(async () => {
  for (const child of started.splice(0)) {
    const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    child.kill('SIGKILL')
    await exit
  }
  for (const groups of opened.splice(0)) groups.close()
})

function open({ budget = 1000, cap = 150 }): CapGroups {
  const groups = openCapGroups({ run: runId('beef'), budget: bytes(budget * MB), cap: bytes(cap * MB) })
  opened.push(groups)
  return groups
}

/** Whether this machine lets us make groups of version 1. */
function hasVersion1(): boolean {
  const groups = openCapGroups({ run: runId('cafe'), budget: bytes(100 * MB), cap: bytes(10 * MB) })
  groups.close()
  return groups.backing === 'cgroup1'
}

const runFolder = () => join(own, `batchtop-beef-${process.pid}`)
const threadFolder = (thread: number) => join(runFolder(), `thread-${thread}`)
const read = (folder: string, name: string) => readFileSync(join(folder, name), 'utf8').trim()

const limits = ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes']
/** Not every kernel counts swap. */
const readLimit = (path: string) => (existsSync(path) ? [Number(readFileSync(path, 'utf8'))] : [])

/** A process in a thread's group that takes as many megabytes more as it is told. */
async function startIn(groups: CapGroups, thread: typeof first) {
  const child = spawn(
    process.execPath,
    [
      '-e',
      `const kept = []; process.stdin.on('data', (text) => { for (let i = Number(text); i > 0; i -= 10) kept.push(Buffer.alloc(10 * 2 ** 20, 1)); console.log('full') }); console.log('ready')`,
    ],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  )
  started.push(child)
  void groups.join(thread, child.pid ?? 0)
  await once(child.stdout, 'data')
  await until(() => read(threadFolder(thread), 'cgroup.procs') === String(child.pid), {
    instead: () => read(threadFolder(thread), 'cgroup.procs'),
  })
  return {
    child,
    take: (megabytes: number) => child.stdin.write(`${megabytes}\n`),
    took: (megabytes: number) => (child.stdin.write(`${megabytes}\n`), once(child.stdout, 'data')),
    end: () => once(child, 'exit') as Promise<[number | null, string | null]>,
  }
}

describe.runIf(hasVersion1())(
  'caps in groups of version 1 (as root, with the memory hierarchy mounted writable)',
  () => {
    test('only the thread that passes its cap is killed, and the kill is told', async () => {
      const groups = open({ cap: 150 })
      const modest = await startIn(groups, first)
      const greedy = await startIn(groups, second)
      await modest.took(60)
      const end = greedy.end()
      greedy.take(400)
      expect(await end).toEqual([null, 'SIGKILL'])
      expect([groups.kills(first), groups.kills(second)]).toEqual([0, 1])
      expect([groups.hits(first), groups.hits(second) > 0]).toEqual([0, true])
      await modest.took(10)
    })

    test('where all together pass the budget, the biggest is killed first', async () => {
      const groups = open({ budget: 200, cap: 1000 })
      const large = await startIn(groups, first)
      const small = await startIn(groups, second)
      await large.took(130)
      const end = large.end()
      small.take(110)
      expect(await end).toEqual([null, 'SIGKILL'])
      // The other one may follow: the kernel does not always wait until the memory of the first is free.
      expect([groups.kills(first), groups.hits(first)]).toEqual([1, 0])
    })

    test('a new process of the thread has the same cap, and a changed one holds at once', async () => {
      const groups = open({ cap: 100 })
      const before = await startIn(groups, first)
      before.take(400)
      await before.end()
      groups.setCap(bytes(300 * MB), nobody)
      const [limit = 0, withSwap = limit] = limits.map((name) => join(threadFolder(1), name)).flatMap(readLimit)
      expect(limit).toBeGreaterThan(300 * MB)
      expect(withSwap - limit).toBeLessThanOrEqual(MB)
      const next = await startIn(groups, first)
      await next.took(200)
      groups.setCap(bytes(100 * MB), nobody)
      // What it has is not taken from it: the governor has kinder means. But it gets little more.
      const end = next.end()
      expect(groups.kills(first)).toBe(1)
      next.take(300)
      await end
      expect(groups.kills(first)).toBe(2)
    })

    test('closing leaves nothing once the processes are gone, and takes away nothing before', async () => {
      const groups = open({})
      const worker = await startIn(groups, first)
      groups.close()
      expect(existsSync(threadFolder(1))).toBe(true)
      const end = worker.end()
      worker.child.kill('SIGKILL')
      await end
      await until(() => (groups.close(), !existsSync(runFolder())), { instead: () => readdirSync(own).join(' ') })
      expect(groups.kills(first)).toBe(0)
    })

    test('what a supervisor left that is gone is cleared away, what a living one has is not', async () => {
      const gone = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
      await once(gone, 'exit')
      const [dead, alive] = [gone.pid, process.ppid].map((pid) => join(own, `batchtop-0dead-${pid}`))
      mkdirSync(join(dead ?? '', 'thread-1'), { recursive: true })
      mkdirSync(alive ?? '')
      open({})
      const left = readdirSync(own)
      expect(left).not.toContain(basename(dead ?? ''))
      expect(left).toContain(basename(alive ?? ''))
      expect(dirname(alive ?? '')).toBe(own)
      rmdirSync(alive ?? '')
    })
  },
)

test('where no groups are mounted, nothing is made and nothing is kept back', () => {
  const groups = openCapGroups({ run: runId('beef'), budget: bytes(MB), cap: bytes(MB), proc: '/nowhere' })
  void groups.join(first, process.pid)
  groups.setCap(bytes(1), nobody)
  groups.close()
  expect([groups.backing, groups.kills(first), groups.hits(first)]).toEqual(['polling', 0, 0])
})
