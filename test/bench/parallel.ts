/**
 * GNU parallel with `--joblog --resume` beside batchtop: the same jobs, everything killed in the middle, then resumed; and once more with a
 * job put at the head of the list before resuming. What counts is what each ran again although it was logged, and what it never ran.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { childrenOf } from '../crash/processes.ts'
import { BIN, Box } from '../helpers/program.ts'
import { until } from '../helpers/until.ts'

const JOBS = 2000
const AT_ONCE = 2
const NEW_JOB = 'job-new'
const APPEND = fileURLToPath(new URL('./tasks/append.ts', import.meta.url))

/** One of the two, in a box of its own. */
interface Contender {
  readonly name: string
  /** Writes the list of jobs. */
  readonly list: (box: Box, jobs: readonly string[]) => Promise<void>
  readonly command: (box: Box, isResumed: boolean) => readonly string[]
  /** Jobs that it has reported or logged as done. */
  readonly reported: (box: Box, jobs: readonly string[]) => Promise<readonly string[]>
}

interface Outcome {
  readonly reported: number
  readonly again: number
  /** Ran before the kill without having been reported, and again: what at least once means. */
  readonly inFlight: number
  readonly never: number
  readonly exit: number | null
}

const parallel: Contender = {
  name: 'GNU parallel --joblog --resume',
  list: (box, jobs) => writeFile(join(box.folder, 'jobs.txt'), `${jobs.join('\n')}\n`),
  command: () => {
    const options = ['-j', String(AT_ONCE), '--joblog', 'joblog', '--resume', '--will-cite', '-a', 'jobs.txt']
    return ['parallel', ...options, "sh -c 'sleep 0.005; echo {} >> ran.txt'"]
  },
  reported: async (box, jobs) => {
    const lines = (await readIfThere(join(box.folder, 'joblog'))).split('\n').slice(1)
    // Its first column is the place in the list; a line that was cut short counts for it too.
    return lines.flatMap((line) => (line === '' ? [] : [jobs[Number.parseInt(line, 10) - 1] ?? line]))
  },
}

const batchtop: Contender = {
  name: 'batchtop recover',
  list: async (box, items) => {
    const batches = [{ id: 'a', items, task: APPEND, with: join(box.folder, 'ran.txt') }]
    await box.write('jobs.yaml', JSON.stringify({ name: 'jobs', threads: AT_ONCE, batches }))
  },
  command: (_, isResumed) => [process.execPath, BIN, ...(isResumed ? ['recover'] : ['run', 'jobs.yaml']), '--json'],
  reported: async (box) => {
    const lines = (await readIfThere(join(box.folder, 'out.txt'))).split('\n').slice(0, -1)
    return lines.flatMap((line) => {
      const { type, item } = JSON.parse(line) as { readonly type: string; readonly item?: string }
      return type === 'item.succeeded' && item !== undefined ? [item] : []
    })
  },
}

export async function parallelBench(): Promise<void> {
  console.log(`\n${JOBS} small jobs, ${AT_ONCE} at once; all processes killed in the middle, then resumed`)
  if (spawnSync('parallel', ['--version']).error) {
    console.log('  skipped: GNU parallel is not installed here (Debian: apt-get install parallel)')
    return
  }
  console.log(`  ${''.padEnd(32)}  ${'list on resuming'.padEnd(22)}  logged  again  in flight  never  exit`)
  for (const isChanged of [false, true]) {
    for (const contender of [parallel, batchtop]) {
      const { reported, again, inFlight, never, exit } = await contest(contender, isChanged)
      const list = isChanged ? 'one put at its head' : 'the same'
      const figures = `${cell(reported, 6)}  ${cell(again, 5)}  ${cell(inFlight, 9)}  ${cell(never, 5)}  ${cell(exit, 4)}`
      console.log(`  ${contender.name.padEnd(32)}  ${list.padEnd(22)}  ${figures}`)
    }
  }
  console.log(
    '  logged: reported as done before the kill; again: ran again although logged; in flight: ran again and was not logged;',
  )
  console.log('  never: did not run at all')
}

function cell(figure: number | null, width: number): string {
  return String(figure).padStart(width)
}

async function contest(contender: Contender, isChanged: boolean): Promise<Outcome> {
  const box = await Box.open()
  const ran = join(box.folder, 'ran.txt')
  const jobs = Array.from({ length: JOBS }, (_, place) => `job-${place + 1}`)
  try {
    await contender.list(box, jobs)
    const first = start(box, contender.command(box, false), 'out.txt')
    const ended = once(first, 'close')
    const isHalf = async () => (await linesOf(ran)).length >= JOBS / 2
    await until(isHalf, { instead: () => 'less than half of the jobs', patience: 120_000 })
    await killTree(first.pid ?? 0)
    await ended
    const before = await linesOf(ran)
    const reported = await contender.reported(box, jobs)
    const resumed = isChanged ? [NEW_JOB, ...jobs] : jobs
    if (isChanged) await contender.list(box, resumed)
    const [exit] = (await once(start(box, contender.command(box, true), 'out-2.txt'), 'close')) as [number | null]
    const after = (await linesOf(ran)).slice(before.length)
    const known = new Set(reported)
    const ranBefore = new Set(before)
    const all = new Set([...before, ...after])
    return {
      reported: known.size,
      again: after.filter((job) => known.has(job)).length,
      inFlight: after.filter((job) => !known.has(job) && ranBefore.has(job)).length,
      never: resumed.filter((job) => !all.has(job)).length,
      exit,
    }
  } finally {
    await box.close()
  }
}

function start(box: Box, [command = '', ...args]: readonly string[], out: string): ChildProcess {
  const shell = ['-c', `exec "$0" "$@" > ${out}`, command, ...args]
  return spawn('/bin/sh', shell, { cwd: box.folder, env: box.env(), stdio: 'ignore' })
}

/** The process and all below it, stopped first so that none of them sees the others die. */
async function killTree(root: number): Promise<void> {
  const tree: number[] = []
  for (const queue = [root]; queue.length > 0; ) {
    const pid = queue.shift() as number
    signal(pid, 'SIGSTOP')
    tree.push(pid)
    queue.push(...(await childrenOf(pid)))
  }
  for (const pid of tree) signal(pid, 'SIGKILL')
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It has ended.
  }
}

async function linesOf(path: string): Promise<readonly string[]> {
  return (await readIfThere(path)).split('\n').filter(Boolean)
}

async function readIfThere(path: string): Promise<string> {
  return existsSync(path) ? readFile(path, 'utf8') : ''
}
