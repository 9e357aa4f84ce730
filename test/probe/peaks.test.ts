import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { readPeak, resetPeak } from '../../src/probe/peaks.ts'

const MB = 2 ** 20
const started: ChildProcess[] = []

afterEach(async () => {
  for (const child of started.splice(0)) {
    const exit = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
    child.kill('SIGKILL')
    await exit
  }
})

/** A process that takes 300 MB and gives them back, each time it is told to. */
async function startBreathing(): Promise<{ child: ChildProcess; pid: number; breathe: () => Promise<void> }> {
  // The threshold makes the allocator map and unmap a buffer of this size, whatever it learned before.
  const child = spawn(
    process.execPath,
    [
      '--expose-gc',
      '-e',
      `process.stdin.on('data', async () => {
        Buffer.alloc(300 * 2 ** 20, 1)
        while (process.memoryUsage().rss > 200 * 2 ** 20) { await new Promise(setImmediate); gc() }
        console.log('empty again')
      })
      console.log('ready')`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, MALLOC_MMAP_THRESHOLD_: '262144' } },
  )
  started.push(child)
  await once(child.stdout, 'data')
  const breathe = async () => {
    child.stdin.write('go')
    await once(child.stdout, 'data')
  }
  return { child, pid: child.pid ?? 0, breathe }
}

describe.runIf(process.platform === 'linux')('peaks', () => {
  test('memory that was given back long ago still counts', async () => {
    const { pid, breathe } = await startBreathing()
    expect(readPeak(pid)).toBeLessThan(100 * MB)
    await breathe()
    expect(readPeak(pid)).toBeGreaterThan(300 * MB)
    expect(readPeak(pid)).toBeLessThan(400 * MB)
  })

  test('after a reset only what comes then counts', async () => {
    const { pid, breathe } = await startBreathing()
    await breathe()
    expect(resetPeak(pid)).toBe(true)
    expect(readPeak(pid)).toBeLessThan(100 * MB)
    await breathe()
    expect(readPeak(pid)).toBeGreaterThan(300 * MB)
  })

  test('a process that is gone has no peak, and nothing to reset', async () => {
    const { child, pid } = await startBreathing()
    const exit = once(child, 'exit')
    child.kill('SIGKILL')
    await exit
    expect(readPeak(pid)).toBeUndefined()
    expect(resetPeak(pid)).toBe(false)
  })
})
