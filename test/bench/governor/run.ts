/**
 * `npm run bench:governor`: the same items of unknown sizes under a real kernel limit for a plain pool, for fewer and fewer threads of it until
 * nothing is killed, for one that kills the biggest at 95 %, and for batchtop. sizing.ts says what is set up. Options, after `--`:
 *
 *     --seeds 1,2,3   --only static,naive,batchtop
 *     --count N       plain pools are tried from so many threads down
 *     --alone         without the neighbour that takes a part of the machine
 *     --keep          folders of the runs stay: BATCHTOP_STATE_DIR=FOLDER/batchtop-1/state batchtop events -R last --json
 *     --real          6 x 2 GB beside 4 GB instead of all that, once: see real.ts
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runGoverned } from './governed.ts'
import type { Outcome } from './outcome.ts'
import { runPeer } from './peers.ts'
import { realBench } from './real.ts'
import { introduce, printOutcome, printSummary } from './report.ts'
import type { Sizing } from './sizing.ts'
import { sizing as sizingOf } from './sizing.ts'
import { tryStaticCounts } from './static-counts.ts'
import type { Trial } from './trial.ts'
import { workload } from './workload.ts'

const ITEMS = 48

const CONTENDERS = ['static', 'naive', 'batchtop'] as const

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    only: { type: 'string', default: CONTENDERS.join(',') },
    count: { type: 'string' },
    alone: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    real: { type: 'boolean', default: false },
  },
})

async function sideBySide(): Promise<void> {
  const sizing = sizingOf({ isAlone: options.alone })
  const folder = mkdtempSync(join(os.tmpdir(), 'batchtop-governor-'))
  const seeds = options.seeds.split(',').map(Number)
  const trials = seeds.map((seed): Trial => ({ seed, sizing, folder, items: workload(seed, ITEMS, sizing.cap) }))
  introduce(sizing, ITEMS, seeds.length)
  const outcomes: Outcome[] = []
  try {
    for (const contender of CONTENDERS.filter((name) => options.only.split(',').includes(name)))
      outcomes.push(...(await contest(contender, trials)))
    printSummary(outcomes, sizing)
  } finally {
    if (options.keep) console.log(`\nFolders of the runs: ${folder}`)
    else rmSync(folder, { recursive: true })
  }
}

async function contest(contender: (typeof CONTENDERS)[number], trials: readonly Trial[]): Promise<readonly Outcome[]> {
  if (contender === 'static') return tryStaticCounts(trials, Number(options.count ?? trials[0]?.sizing.threads))
  const outcomes: Outcome[] = []
  for (const trial of trials) {
    const outcome = await (contender === 'naive' ? runPeer(killBiggest(trial.sizing), trial) : runGoverned(trial))
    printOutcome(outcome, trial.sizing)
    outcomes.push(outcome)
  }
  return outcomes
}

/** Its heaps have a limit as a careful person would set it: a thread's share. */
function killBiggest({ threads, cap }: Sizing) {
  const heap = Math.floor(cap / 2 ** 20)
  const program = new URL('./peers/kill-biggest.ts', import.meta.url)
  return { name: `kill the biggest, ${threads}`, role: 'naive', program, threads, heap } as const
}

console.log(`Node ${process.version}, ${os.availableParallelism()} cores, load ${os.loadavg()[0]?.toFixed(1)}`)
await (options.real ? realBench(options.keep) : sideBySide())
