/** What a live run costs besides its items: its supervisor, a look at it, a start, a key. */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { findLiveRuns } from '../../src/link/liveness.ts'
import { BIN, Box } from '../helpers/program.ts'
import { Pty } from '../helpers/pty.ts'
import { median, quantile } from './measure.ts'

const WAIT = fileURLToPath(new URL('./tasks/wait.ts', import.meta.url))

/** Clock ticks a second in /proc/<pid>/stat; fixed on Linux whatever the kernel's own rate. */
const TICKS = 100

/** Runs `measure` while six threads run items of 100 ms. */
async function whileRunning<Result>(measure: (box: Box, supervisor: number) => Promise<Result>): Promise<Result> {
  const box = await Box.open()
  try {
    const plan = {
      name: 'live',
      threads: 6,
      batches: [{ id: 'a', items: { count: 1_000_000, name: 'item-{}' }, task: WAIT }],
    }
    await box.write('live.yaml', JSON.stringify(plan))
    await box.run('run', 'live.yaml', '-d')
    const live = (await findLiveRuns()).find(({ folder }) => folder.startsWith(box.stateDir))
    if (!live) throw new Error('the run did not start')
    return await measure(box, live.pid)
  } finally {
    await box.run('stop', '--now')
    await box.close()
  }
}

/** Memory in MB and share of a core of the supervisor, over some seconds, watched by a full screen or by nobody. */
export async function supervisorLoad(isWatched: boolean): Promise<{ megabytes: number; percent: number }> {
  return whileRunning(async (box, pid) => {
    const screen = isWatched
      ? new Pty([process.execPath, BIN, 'attach'], { cwd: box.folder, env: box.env() })
      : undefined
    await screen?.shows('item-')
    // Code that runs sixty times a second takes a while to be compiled: a run of hours is what matters.
    await pass(20_000)
    const before = await cpuTicks(pid)
    const begun = performance.now()
    await pass(8000)
    const used = ((await cpuTicks(pid)) - before) / TICKS
    const status = await readFile(`/proc/${pid}/status`, 'utf8')
    screen?.kill()
    return {
      megabytes: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024,
      percent: (used / (performance.now() - begun)) * 100_000,
    }
  })
}

/** Milliseconds of `status --json` from start to end, in a live run. */
export function statusTimes(rounds: number): Promise<readonly number[]> {
  return whileRunning((box) => times(rounds, () => box.run('status', '--json')))
}

/** Milliseconds from the start of `run --json` to its first line. */
export async function startTimes(rounds: number): Promise<readonly number[]> {
  const box = await Box.open()
  try {
    await box.write('noop.ts', 'export default function () {}\n')
    await box.write('one.yaml', 'name: one\nthreads: 1\nbatches:\n  - { id: a, items: [x], task: ./noop.ts }\n')
    const found: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      const begun = performance.now()
      const child = spawn(process.execPath, [BIN, 'run', 'one.yaml', '--json'], {
        cwd: box.folder,
        env: box.env(),
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await new Promise((resolve) => child.stdout.once('data', resolve))
      found.push(performance.now() - begun)
      await new Promise((resolve) => child.once('close', resolve))
    }
    return found
  } finally {
    await box.close()
  }
}

/** Milliseconds from a key to the first byte that answers it, on a full screen of 120x40. */
export function keyTimes(keys: number): Promise<readonly number[]> {
  return whileRunning(async (box) => {
    const screen = new Pty([process.execPath, BIN, 'attach'], {
      cwd: box.folder,
      env: box.env(),
      columns: 120,
      rows: 40,
    })
    await screen.shows('item-')
    const found: number[] = []
    for (let key = 0; key < keys; key += 1) {
      // Up and down by turns: the marker moves with every key.
      const want = selectedAfter(screen.text(), key)
      const begun = performance.now()
      screen.type(want.key)
      while (selectedRow(screen.text()) === want.from && performance.now() - begun < 2000) await pass(1)
      found.push(performance.now() - begun)
      await pass(37)
    }
    screen.kill()
    return found
  })
}

function selectedAfter(text: string, key: number): { key: string; from: number } {
  return { key: key % 2 === 0 ? 'j' : 'k', from: selectedRow(text) }
}

function selectedRow(text: string): number {
  return text.split('\n').findIndex((line) => /^ ▸ +\d+ [a-z]/.test(line))
}

async function times(rounds: number, act: () => Promise<unknown>): Promise<readonly number[]> {
  const found: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const begun = performance.now()
    await act()
    found.push(performance.now() - begun)
  }
  return found
}

async function cpuTicks(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

/** Benchmarks may wait: what they look at is what happens meanwhile. */
function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

export function describeTimes(found: readonly number[]): string {
  return `median ${median(found).toFixed(0)} ms, p95 ${quantile(found, 0.95).toFixed(0)} ms of ${found.length}`
}
