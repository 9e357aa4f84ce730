/**
 * `npm run bench [-- NAME...]`: what the figures in the documentation come from. Needs a build. Prints ratios measured side by side in
 * one run; who wants to compare two machines compares those, not the figures themselves.
 */
import os from 'node:os'
import { type BenchPlan, batchtopRate } from './batchtop.ts'
import { checkpointBench } from './checkpoint.ts'
import { commandsBench, commandsGrowthBench } from './commands.ts'
import { frameCost } from './frame.ts'
import { inlineBusy } from './inline.ts'
import { describeTimes, keyTimes, startTimes, statusTimes, supervisorLoad } from './live.ts'
import { type Comparison, compare, print } from './measure.ts'
import { memoryBench } from './memory.ts'
import { parallelBench } from './parallel.ts'
import { piscinaNoOps } from './piscina.ts'
import { recoverBench } from './recover.ts'
import { turnsPerMillisecond } from './tasks/spin.ts'

const threads = 6

/** Items that do nothing: what handing one out costs. */
function noOp(): Comparison {
  const side = (batchSize: number, items: number, aim: string) => {
    const plan: BenchPlan = { task: new URL('./tasks/no-op.ts', import.meta.url), items, threads, batchSize }
    return { name: `batchtop, batchSize ${batchSize}`, aim, measure: () => batchtopRate(plan) }
  }
  return {
    title: `Items that do nothing, ${threads} threads`,
    unit: 'items/s',
    rounds: 5,
    sides: [
      { name: 'raw Piscina, a task an item', measure: () => piscinaNoOps(threads, 40_000) },
      side(100, 1_000_000, 'at least 20'),
      side(1, 40_000, 'at least 0.8'),
    ],
  }
}

/** Items that do nothing, each of them on disk before anybody is told: what checkpoints cost besides. */
function durable(): Comparison {
  const side = (checkpoint: string, aim: string) => {
    const task = new URL('./tasks/no-op.ts', import.meta.url)
    const plan: BenchPlan = { task, items: 2_000_000, threads, batchSize: 100, checkpoint }
    return { name: `batchtop, a checkpoint every ${checkpoint}`, aim, measure: () => batchtopRate(plan) }
  }
  return {
    title: `Durable items that do nothing, ${threads} threads, batchSize 100`,
    unit: 'items/s',
    rounds: 3,
    sides: [
      { name: 'raw Piscina, a task an item, nothing durable', measure: () => piscinaNoOps(threads, 40_000) },
      side('30m', '500 000 items/s'),
      side('1s', '500 000 items/s'),
    ],
  }
}

/** Items of a millisecond: what is lost on the way to the cores. */
function busy(): Comparison {
  const turns = turnsPerMillisecond()
  const items = 6000
  return {
    title: `Items of 1 ms of computing, ${threads} threads on ${os.availableParallelism()} cores`,
    unit: 'items/s',
    rounds: 5,
    sides: [
      { name: 'a loop on as many worker threads', measure: () => inlineBusy({ threads, items, turns }) },
      {
        name: 'batchtop',
        aim: 'above 0.95',
        measure: () => batchtopRate({ task: new URL('./tasks/busy.ts', import.meta.url), items, threads, with: turns }),
      },
    ],
  }
}

/** Figures that have no peer: what a live run costs besides its items. */
async function live(): Promise<void> {
  console.log(`\nA live run of six threads with items of 100 ms`)
  for (const isWatched of [false, true]) {
    const { megabytes, percent } = await supervisorLoad(isWatched)
    const by = isWatched ? 'a full screen at 120x36' : 'nobody'
    console.log(
      `  supervisor watched by ${by}: ${megabytes.toFixed(0)} MB, ${percent.toFixed(1)} % of a core   aim: below 120 MB, below 2 %`,
    )
  }
  console.log(`  status --json: ${describeTimes(await statusTimes(9))}   aim: 300 ms`)
  console.log(`  first line of run --json: ${describeTimes(await startTimes(9))}   aim: 300 ms`)
  console.log(`  key to paint at 120x40: ${describeTimes(await keyTimes(60))}   aim: p95 60 ms`)
}

/** What drawing costs, in a terminal that takes everything. */
async function screen(): Promise<void> {
  console.log('\nA picture of the screen, most of its threads changed')
  for (const [columns, rows, count] of [
    [80, 24, 8],
    [120, 40, 16],
    [200, 60, 32],
  ] as const) {
    const { cpuMs, bytes } = await frameCost({ columns, rows, threads: count, frames: 120 })
    const aim = columns === 120 ? '   aim: 8 ms, 2 kB' : ''
    console.log(
      `  ${columns}x${rows}, ${count} threads: ${cpuMs.toFixed(1)} ms of CPU, ${bytes.toFixed(0)} bytes${aim}`,
    )
  }
}

const comparisons: Readonly<Record<string, () => Comparison>> = { 'no-op': noOp, durable, busy }
const benches: Readonly<Record<string, () => Promise<void>>> = {
  ...Object.fromEntries(Object.entries(comparisons).map(([name, make]) => [name, () => runComparison(make())])),
  live,
  screen,
  recover: recoverBench,
  checkpoint: checkpointBench,
  memory: memoryBench,
  parallel: parallelBench,
  commands: commandsBench(2000, 5),
  'commands-many': commandsBench(20_000, 3),
  'commands-growth': commandsGrowthBench,
}

async function runComparison(comparison: Comparison): Promise<void> {
  print(comparison, await compare(comparison))
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(`no such bench: ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}`)
  process.exitCode = 2
} else {
  console.log(`Node ${process.version}, ${os.availableParallelism()} cores, load ${os.loadavg()[0]?.toFixed(1)}`)
  for (const name of asked.length > 0 ? asked : Object.keys(benches)) {
    // One after another: they would take each other's cores.
    await benches[name]?.()
  }
}
