import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import os from 'node:os'
import { afterEach, describe, expect, test } from 'vitest'
import { threadNumber } from '../../src/model/ids.ts'
import { descendantsOf } from '../../src/probe/descendants.ts'
import { createSampler } from '../../src/probe/sampler.ts'
import { readStat } from '../../src/threads/procfs.ts'
import { until } from '../helpers/until.ts'

const MB = 2 ** 20
const started: ChildProcess[] = []

afterEach(async () => {
  await Promise.all(started.splice(0).map(endGroup))
})

async function endGroup(child: ChildProcess): Promise<void> {
  const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
  try {
    process.kill(-(child.pid ?? 0), 'SIGKILL')
  } catch {
    // Nobody of the group is left.
  }
  await exit
}

/** Starts a program as the leader of a session of its own and waits for its first line. */
async function start(
  file: string,
  parameters: readonly string[],
): Promise<{ child: ChildProcess; pid: number; line: string }> {
  const child = spawn(file, parameters, { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  started.push(child)
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  return { child, pid: child.pid ?? 0, line: chunk.toString().trim() }
}

const startNode = (script: string) => start(process.execPath, ['-e', script])

const idle = 'setInterval(() => {}, 1e6); console.log("ready")'
const fill = (megabytes: number) => `globalThis.keep = Buffer.alloc(${megabytes} * 2 ** 20, 1); ${idle}`

const one = (pid: number) => [{ thread: threadNumber(1), pid }]
const openFiles = () => readdirSync('/proc/self/fd').length
/** Node has no memory that other processes share. */
const hasPython = spawnSync('python3', ['--version']).status === 0

describe.runIf(process.platform === 'linux')('sampler', () => {
  test('memory that a process fills is its thread’s, and of nobody else', async () => {
    const small = await startNode(idle)
    const large = await startNode(fill(100))
    const { threads } = await createSampler().sample([
      { thread: threadNumber(1), pid: small.pid },
      { thread: threadNumber(2), pid: large.pid },
    ])
    const [first, second] = threads
    expect(first?.thread).toBe(1)
    expect(first?.used).toBeGreaterThan(MB)
    expect(first?.used).toBeLessThan(60 * MB)
    expect((second?.used ?? 0) - (first?.used ?? 0)).toBeGreaterThan(90 * MB)
    expect((second?.used ?? 0) - (first?.used ?? 0)).toBeLessThan(120 * MB)
  })

  test('children count, and a child whose parent has gone still counts', async () => {
    const script = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(fill(80))}], { stdio: 'inherit' })`
    const parent = await startNode(`${script}; setInterval(() => {}, 1e6)`)
    const sampler = createSampler()
    const look = async () => (await sampler.sample([{ thread: threadNumber(1), pid: parent.pid }])).threads[0]?.used
    expect(await look()).toBeGreaterThan(80 * MB)
    const exit = once(parent.child, 'exit')
    process.kill(parent.pid, 'SIGKILL')
    await exit
    expect(await look()).toBeGreaterThan(80 * MB)
  })

  test('a child that is started between two looks counts at the next', async () => {
    const child = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(fill(80))}], { stdio: 'inherit' })`
    const parent = await startNode(`process.stdin.once('data', () => { ${child} }); console.log('ready')`)
    const sampler = createSampler()
    const look = async () => (await sampler.sample([{ thread: threadNumber(1), pid: parent.pid }])).threads[0]?.used
    expect(await look()).toBeLessThan(60 * MB)
    parent.child.stdin?.write('go')
    await once(parent.child.stdout ?? parent.child, 'data')
    expect(await look()).toBeGreaterThan(80 * MB)
  })

  test('CPU is that of the time since the last look, ended children included', async () => {
    const idler = await startNode(idle)
    const shell = await start('/bin/sh', [
      '-c',
      `echo ready; while read -r _; do '${process.execPath}' -e 'const end = process.cpuUsage().user + 300000; while (process.cpuUsage().user < end);'; echo done; done`,
    ])
    const sampler = createSampler()
    const threads = [idler, shell].map(({ pid }, place) => ({ thread: threadNumber(place + 1), pid }))
    const from = performance.now()
    const first = await sampler.sample(threads)
    expect(first.threads.map(({ cpu }) => cpu)).toEqual([0, 0])
    shell.child.stdin?.write('go\n')
    await once(shell.child.stdout ?? shell.child, 'data')
    const [still, busy] = (await sampler.sample(threads)).threads
    const seconds = (performance.now() - from) / 1000
    expect(busy?.cpu).toBeGreaterThan(0.25 / seconds)
    expect(busy?.cpu).toBeLessThanOrEqual(os.availableParallelism() + 1)
    expect(still?.cpu).toBeLessThan(busy?.cpu ?? 0)
  })

  test('a process that is gone uses nothing', async () => {
    const { child, pid } = await startNode(idle)
    const sampler = createSampler()
    await sampler.sample([{ thread: threadNumber(1), pid }])
    const exit = once(child, 'exit')
    process.kill(-pid, 'SIGKILL')
    await exit
    const { threads } = await sampler.sample([{ thread: threadNumber(1), pid }])
    expect(threads).toEqual([{ thread: 1, used: 0, cpu: 0 }])
  })

  test('the system has no less than is available and no more than is built in', async () => {
    const { system, threads } = await createSampler().sample([])
    expect(threads).toEqual([])
    expect(system.available).toBeGreaterThan(0)
    expect(system.available).toBeLessThanOrEqual(system.total)
    expect(system.total).toBeLessThanOrEqual(os.totalmem())
  })

  describe('quick look', () => {
    const spawnFilled = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(fill(80))}], { stdio: 'inherit' })`

    test('there is none before a full look', () => {
      expect(createSampler().quick([])).toBeUndefined()
    })

    test('a full look and a quick one agree on a tree that stands still', async () => {
      const parent = await startNode(`${spawnFilled}; setInterval(() => {}, 1e6)`)
      const sampler = createSampler()
      const full = await sampler.sample(one(parent.pid))
      const quick = sampler.quick(one(parent.pid))
      const [first, second] = [full, quick].map((look) => look?.threads[0]?.used ?? 0)
      expect(second).toBeGreaterThan(80 * MB)
      expect(Math.abs((first ?? 0) - (second ?? 0))).toBeLessThan(8 * MB)
      expect(quick?.available).toBeGreaterThan(0)
    })

    test('what a process takes after the full look is seen, and what it gives back', async () => {
      const { child, pid } = await startNode(
        `let keep; process.stdin.on('data', () => { keep = keep ? (keep.kill(), undefined) : ${spawnFilled} }); console.log('ready')`,
      )
      const sampler = createSampler()
      await sampler.sample(one(pid))
      const look = () => sampler.quick(one(pid))?.threads[0]?.used
      const before = look() ?? 0
      child.stdin?.write('go')
      await once(child.stdout ?? child, 'data')
      // A child that is new since the full look is nobody's until the next.
      expect((look() ?? 0) - before).toBeLessThan(30 * MB)
      await sampler.sample(one(pid))
      expect((look() ?? 0) - before).toBeGreaterThan(80 * MB)
      child.stdin?.write('go')
      await until(() => (look() ?? 0) - before < 30 * MB, { instead: () => `${look()} bytes` })
    })

    test('growth of a process is seen without a full look', async () => {
      const { child, pid } = await startNode(
        `process.stdin.on('data', () => { globalThis.keep = Buffer.alloc(90 * 2 ** 20, 1); console.log('full') }); console.log('ready')`,
      )
      const sampler = createSampler()
      const before = (await sampler.sample(one(pid))).threads[0]?.used ?? 0
      child.stdin?.write('go')
      await once(child.stdout ?? child, 'data')
      expect((sampler.quick(one(pid))?.threads[0]?.used ?? 0) - before).toBeGreaterThan(85 * MB)
    })

    test('a process that no full look knew is read by itself; one that is gone uses nothing', async () => {
      const sampler = createSampler()
      await sampler.sample([])
      const { child, pid } = await startNode(fill(80))
      expect(sampler.quick(one(pid))?.threads[0]?.used).toBeGreaterThan(80 * MB)
      const exit = once(child, 'exit')
      process.kill(-pid, 'SIGKILL')
      await exit
      expect(sampler.quick(one(pid))?.threads).toEqual([{ thread: 1, used: 0 }])
      expect(sampler.quick([])?.threads).toEqual([])
    })

    test.runIf(hasPython)('memory that processes share stays counted as of the full look', async () => {
      const { pid } = await start('python3', [
        '-c',
        'import mmap, time\nkeep = mmap.mmap(-1, 60 << 20)\nfor at in range(0, 60 << 20, 4096): keep[at] = 1\nprint("full", flush=True)\ntime.sleep(1e6)',
      ])
      const sampler = createSampler()
      const full = await sampler.sample(one(pid))
      expect(full.threads[0]?.used).toBeGreaterThan(60 * MB)
      expect(sampler.quick(one(pid))?.threads[0]?.used).toBeGreaterThan(60 * MB)
    })

    test('of many processes the small ones count as at the full look, and no descriptor is left open', async () => {
      const { child, pid } = await start('/bin/sh', [
        '-c',
        'for _ in $(seq 90); do sleep 1000 & done; echo ready; read -r _; kill -9 0',
      ])
      // Copies of the shell are larger than what they become.
      const asleep = () =>
        descendantsOf(pid, 99)
          .map(readStat)
          .filter((stat) => stat?.state === 'S' && !stat.isFork)
      await until(() => asleep().length === 90, { instead: () => `${asleep().length} of 90` })
      const sampler = createSampler()
      const before = openFiles()
      const full = await sampler.sample(one(pid))
      expect(openFiles() - before).toBeLessThanOrEqual(64)
      expect(Math.abs((sampler.quick(one(pid))?.threads[0]?.used ?? 0) - (full.threads[0]?.used ?? 0))).toBeLessThan(MB)
      const exit = once(child, 'exit')
      child.stdin?.write('\n')
      await exit
      await sampler.sample([])
      // The system's own stays.
      expect(openFiles() - before).toBeLessThanOrEqual(1)
    })
  })
})
