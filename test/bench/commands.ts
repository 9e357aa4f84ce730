/**
 * Commands that do nothing, side by side with the programs that people run commands with: how many a second, what CPU each costs with all
 * that is started for it, and how much memory the program takes. A job is a line of one list; batchtop keeps its journal as always.
 */
import { spawnSync } from 'node:child_process'
import { supervisorOf } from '../crash/processes.ts'
import { BIN, Box } from '../helpers/program.ts'
import { openCpuMeter } from './cpu-meter.ts'
import type { Footprint } from './footprint.ts'
import { footprintOf } from './footprint.ts'
import { median } from './measure.ts'

/** The same as one program with a word, and as a line for a shell. */
type Form = 'plain words' | 'shell syntax'

const JOBS = 'jobs.txt'

/** It takes several milliseconds a job; what it needs to begin is a hundredth of that. */
const MOST_FOR_PARALLEL = 2000

interface Contest {
  readonly jobs: number
  readonly threads: number
}

interface Contender {
  readonly name: string
  readonly form: Form
  readonly jobs: number
  /** Writes what it reads, and says how to start it. */
  readonly prepare: (box: Box) => Promise<readonly string[]>
  /** Where its work is supervised by another process than the one that is started. */
  readonly find?: (pid: number) => Promise<readonly (number | undefined)[]>
}

function contenders({ jobs, threads }: Contest): readonly Contender[] {
  const at = String(threads)
  const fewer = Math.min(jobs, MOST_FOR_PARALLEL)
  const name = `GNU parallel${fewer < jobs ? ` (${fewer} jobs)` : ''}`
  const xargs = async (box: Box, ...args: readonly string[]) => {
    await writeJobs(box, jobs)
    return ['xargs', '-a', JOBS, '-P', at, ...args]
  }
  const parallel: Contender = {
    name,
    form: 'plain words',
    jobs: fewer,
    prepare: async (box) => {
      await writeJobs(box, fewer)
      return ['parallel', '--will-cite', '-j', at, '-a', JOBS, '/bin/true', '{}']
    },
  }
  return [
    { name: 'xargs -n1', form: 'plain words', jobs, prepare: (box) => xargs(box, '-n1', '/bin/true') },
    { name: 'make, phony targets', form: 'plain words', jobs, prepare: (box) => prepareMake(box, { jobs, threads }) },
    ...(hasParallel() ? [parallel] : []),
    batchtop('plain words', { jobs, threads }),
    { name: 'xargs -I{} sh -c', form: 'shell syntax', jobs, prepare: (box) => xargs(box, '-I{}', 'sh', '-c', ': {}') },
    batchtop('shell syntax', { jobs, threads }),
  ]
}

function batchtop(form: Form, { jobs, threads }: Contest, items: object = { file: JOBS }): Contender {
  const run = form === 'plain words' ? '/bin/true {}' : ': {} ;'
  return {
    name: 'batchtop',
    form,
    jobs,
    prepare: async (box) => {
      await writeJobs(box, jobs)
      const batches = [{ id: 'a', items, run }]
      await box.write('bench.yaml', JSON.stringify({ name: 'bench', threads, batches }))
      return [process.execPath, BIN, 'run', 'bench.yaml', '--foreground', '--plain', '-q']
    },
    find: async (client) => [await supervisorOf(client), client],
  }
}

async function prepareMake(box: Box, { jobs, threads }: Contest): Promise<readonly string[]> {
  const targets = names(jobs).join(' ')
  await box.write('Makefile', `JOBS := ${targets}\n.PHONY: all $(JOBS)\nall: $(JOBS)\n$(JOBS):\n\t@/bin/true $@\n`)
  return ['make', '-s', `-j${threads}`]
}

const names = (jobs: number): readonly string[] => Array.from({ length: jobs }, (_, place) => `job-${place + 1}`)

async function writeJobs(box: Box, jobs: number): Promise<void> {
  await box.write(JOBS, `${names(jobs).join('\n')}\n`)
}

function hasParallel(): boolean {
  return !spawnSync('parallel', ['--version']).error
}

/** In turn, round after round, so that whatever else the machine does meets all of them alike. */
export function commandsBench(jobs: number, rounds: number): () => Promise<void> {
  return async () => {
    if (!hasParallel()) console.log('\nGNU parallel is not installed here (Debian: apt-get install parallel)')
    const meter = openCpuMeter()
    console.log(`\nCommands that do nothing; CPU of whole trees, counted by ${meter.how}`)
    meter.close()
    for (const threads of [2, 6]) {
      const sides = contenders({ jobs, threads })
      const taken = sides.map((): Footprint[] => [])
      for (let round = 0; round < rounds; round += 1)
        for (const [place, side] of sides.entries()) taken[place]?.push(await measure(side))
      console.log(`\n${jobs} jobs, ${threads} at once, medians of ${rounds} rounds; ratios to xargs of the same form`)
      printTable(sides, taken)
    }
  }
}

/** Memory of a supervisor with more and more jobs, whose names take none. */
export async function commandsGrowthBench(): Promise<void> {
  console.log('\nMost memory of the supervisor, plain words on 2 threads   aim: the same for all')
  for (const jobs of [2000, 20_000, 100_000]) {
    const { watched } = await measure(batchtop('plain words', { jobs, threads: 2 }, { count: jobs }))
    console.log(`  ${String(jobs).padStart(7)} jobs  ${watched[0]?.megabytes.toFixed(0).padStart(4)} MB`)
  }
}

async function measure({ prepare, find }: Contender): Promise<Footprint> {
  const box = await Box.open()
  try {
    const command = await prepare(box)
    return await footprintOf({ command, cwd: box.folder, env: box.env(), ...(find ? { find } : {}) })
  } finally {
    await box.close()
  }
}

function printTable(sides: readonly Contender[], taken: readonly (readonly Footprint[])[]): void {
  const width = Math.max(...sides.map(({ name }) => name.length))
  console.log(`  ${''.padEnd(width + 14)}     jobs/s  ratio   CPU ms a job  ratio   its memory`)
  for (const [place, { name, form, jobs }] of sides.entries()) {
    const rounds = taken[place] ?? []
    const base = sides.findIndex((side) => side.form === form)
    const middle = (of: (one: Footprint) => number) => median(rounds.map(of))
    /** Round by round: what pressed one of them pressed the other. */
    const ratio = (of: (one: Footprint, of: number) => number) =>
      median(rounds.map((one, round) => of(one, jobs) / of(taken[base]?.[round] ?? one, sides[base]?.jobs ?? jobs)))
    const figures = [
      middle((one) => speed(one, jobs))
        .toFixed(0)
        .padStart(6),
      ratio(speed).toFixed(2).padStart(5),
      middle((one) => one.cpuMs / jobs)
        .toFixed(2)
        .padStart(12),
      ratio((one, count) => one.cpuMs / count)
        .toFixed(2)
        .padStart(6),
      `${middle((one) => one.watched[0]?.megabytes ?? Number.NaN)
        .toFixed(1)
        .padStart(8)} MB`,
    ]
    console.log(`  ${form.padEnd(12)}  ${name.padEnd(width)}  ${figures.join('  ')}${partsOf(rounds, jobs)}`)
  }
  console.log('  aim: batchtop at most 1.25 times the CPU of xargs, and at most a quarter of that of GNU parallel')
}

const speed = ({ ms }: Footprint, jobs: number): number => (jobs / ms) * 1000

/** Who used the CPU, where more than one process supervises. */
function partsOf(rounds: readonly Footprint[], jobs: number): string {
  const part = (place: number) => median(rounds.map(({ watched }) => (watched[place]?.cpuMs ?? 0) / jobs)).toFixed(2)
  return rounds[0]?.watched[1] ? `   (of it supervisor ${part(0)}, client ${part(1)} ms)` : ''
}
