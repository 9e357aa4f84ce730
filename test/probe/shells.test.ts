/** Memory below shells whose items come and go between two full looks: real processes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { afterEach, describe, expect, test } from 'vitest'
import { threadNumber } from '../../src/model/ids.ts'
import { descendantsOf } from '../../src/probe/descendants.ts'
import { createSampler, type Sampler } from '../../src/probe/sampler.ts'
import { listPids, readStat } from '../../src/threads/procfs.ts'
import { until } from '../helpers/until.ts'

const MB = 2 ** 20
const BUSY = 80 * MB
const shells: ChildProcess[] = []

afterEach(async () => {
  await Promise.all(shells.splice(0).map(endSession))
})

/** Its items have groups of their own. */
async function endSession(shell: ChildProcess): Promise<void> {
  const exit = shell.exitCode === null && shell.signalCode === null ? once(shell, 'exit') : undefined
  for (const pid of listPids()) if (readStat(pid)?.session === shell.pid) process.kill(pid, 'SIGKILL')
  await exit
}

/** A shell that does what it is told line by line, each background job in a group of its own where it has job control. */
async function startShell(file: string, parameters: readonly string[] = []): Promise<{ pid: number; tell: Tell }> {
  const shell = spawn(file, parameters, { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
  shells.push(shell)
  const tell: Tell = async (line) => {
    const answer = once(shell.stdout, 'data')
    shell.stdin.write(`${line}\n`)
    await answer
  }
  await tell('echo ready')
  return { pid: shell.pid ?? 0, tell }
}

/** @param line a command that prints something */
type Tell = (line: string) => Promise<void>

const filling = (megabytes: number) =>
  `'${process.execPath}' -e 'globalThis.keep = Buffer.alloc(${megabytes} * 2 ** 20, 1); setInterval(() => {}, 1e6); console.log("full")'`

const look = (sampler: Sampler, pid: number, isShell = true) =>
  sampler.quick([{ thread: threadNumber(1), pid, isShell }])?.threads[0]?.used ?? 0
const sample = async (sampler: Sampler, pid: number) =>
  (await sampler.sample([{ thread: threadNumber(1), pid, isShell: true }])).threads[0]?.used ?? 0

const openFiles = () => readdirSync('/proc/self/fd').length

const kinds = [
  { kind: 'bash with groups', file: 'bash', parameters: ['-m'] },
  { kind: 'sh', file: '/bin/sh', parameters: [] },
]

describe.runIf(process.platform === 'linux').each(kinds)('below a shell ($kind)', ({ file, parameters }) => {
  test('an item that began since the full look is seen by a quick one, and so is that it ended', async () => {
    const { pid, tell } = await startShell(file, parameters)
    const sampler = createSampler()
    expect(await sample(sampler, pid)).toBeLessThan(20 * MB)
    await tell(`${filling(80)} & item=$!`)
    expect(look(sampler, pid)).toBeGreaterThan(BUSY)
    expect(sampler.usedNow({ pid, isShell: true })).toBeGreaterThan(BUSY)
    await tell('kill -KILL $item; wait $item; echo over')
    expect(look(sampler, pid)).toBeLessThan(20 * MB)
  })

  test('what an item starts is seen as well, and nothing twice', async () => {
    const { pid, tell } = await startShell(file, parameters)
    const sampler = createSampler()
    await sample(sampler, pid)
    await tell(`sh -c ${quoted(`sh -c ${quoted(`${filling(80)}; :`)}; :`)} &`)
    const quick = look(sampler, pid)
    const full = await sample(sampler, pid)
    expect(quick).toBeGreaterThan(BUSY)
    expect(Math.abs(full - quick)).toBeLessThan(8 * MB)
    expect(Math.abs(full - look(sampler, pid))).toBeLessThan(8 * MB)
  })

  test('what lost its parent is seen by a full look, and by quick ones from then on', async () => {
    const { pid, tell } = await startShell(file, parameters)
    const sampler = createSampler()
    await sample(sampler, pid)
    await tell(`sh -c ${quoted(`${filling(80)} &`)} & wait $!`)
    await until(() => descendantsOf(pid, 9).length === 0, { instead: () => 'a parent that is there' })
    expect(await sample(sampler, pid)).toBeGreaterThan(BUSY)
    expect(look(sampler, pid)).toBeGreaterThan(BUSY)
  })

  test('items by the hundred leave no descriptor open', async () => {
    const { pid, tell } = await startShell(file, parameters)
    const sampler = createSampler()
    await sample(sampler, pid)
    look(sampler, pid)
    const before = openFiles()
    const meanwhile: number[] = []
    for (let item = 0; item < 100; item += 1) {
      await tell('sleep 1000 & item=$!; echo on')
      look(sampler, pid)
      meanwhile.push(openFiles() - before)
      await tell('kill -KILL $item; wait $item; echo over')
    }
    look(sampler, pid)
    expect(Math.max(...meanwhile)).toBeLessThanOrEqual(1)
    expect(openFiles()).toBeLessThanOrEqual(before)
  })
})

describe.runIf(process.platform === 'linux')('processes below another', () => {
  test('are found where any thread of it started them', async () => {
    const start = `require("node:child_process").spawn("sleep", ["1000"]); setInterval(() => {}, 1e6)`
    const script = `new (require("node:worker_threads").Worker)(${JSON.stringify(start)}, { eval: true })`
    const { pid, tell } = await startShell('/bin/sh')
    await tell(`'${process.execPath}' -e ${quoted(script)} & echo on`)
    await until(() => descendantsOf(pid, 9).length === 2, { instead: () => `${descendantsOf(pid, 9).length} found` })
  })

  test('are as many as asked for, the nearest first', async () => {
    const { pid, tell } = await startShell('/bin/sh')
    await tell(`for _ in 1 2 3; do sh -c 'sleep 1000; :' & done; echo on`)
    await until(() => descendantsOf(pid, 9).length === 6, { instead: () => `${descendantsOf(pid, 9).length} found` })
    expect(descendantsOf(pid, 3)).toEqual(descendantsOf(pid, 9).slice(0, 3))
  })

  test('are none of a process that is gone', async () => {
    const gone = spawn('true')
    await once(gone, 'exit')
    expect(descendantsOf(gone.pid ?? 0, 9)).toEqual([])
  })
})

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
