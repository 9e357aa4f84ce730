import type { Prunable } from '../../journal/prune.ts'
import { findPrunable, removeLeftovers, removeRun } from '../../journal/prune.ts'
import type { RunInfo } from '../../journal/run-info.ts'
import { EXIT } from '../../model/errors.ts'
import { wallTime } from '../../model/units.ts'
import type { PrunedRun } from '../../output/prune.ts'
import { prunedJson, prunedText } from '../../output/prune.ts'
import { findRuns } from '../runs.ts'
import { findStateDir } from '../state-dir.ts'
import { print } from '../terminal.ts'
import type { PruneOptions } from '../verbs.ts'

export async function prune(options: PruneOptions): Promise<number> {
  const stateDir = findStateDir({ option: options.stateDir, from: process.cwd() })
  const isDry = options.dryRun === true
  const live = (await findRuns({ stateDir })).flatMap(({ info, isLive }) => (isLive ? [info] : []))
  const found = await find(stateDir, live, options)
  const runs: PrunedRun[] = []
  for (const one of found) runs.push(isDry ? lineOf(one) : await remove(stateDir, live, one))
  if (options.json) await print(runs.map((run) => `${prunedJson(run, isDry)}\n`).join(''))
  else await print(prunedText({ runs, isDry }))
  return EXIT.ok
}

async function find(stateDir: string, live: readonly RunInfo[], options: PruneOptions): Promise<Prunable[]> {
  const { keep, older, maxSize, force, dryRun } = options
  const now = wallTime(Date.now())
  if (!dryRun) await removeLeftovers(stateDir, now)
  return await findPrunable(stateDir, {
    now,
    isLive: ({ run }) => live.some((one) => one.run === run),
    force: force === true,
    ...(keep === undefined ? {} : { keep }),
    ...(older === undefined ? {} : { age: older }),
    ...(maxSize === undefined ? {} : { size: maxSize }),
  })
}

async function remove(stateDir: string, live: readonly RunInfo[], one: Prunable): Promise<PrunedRun> {
  const line = lineOf(one)
  if (one.kept !== undefined) return line
  const { planPath, plan } = one.info
  // The supervisor of a live run of the plan has its lock: nobody else can take this run up.
  const isLockHeld = live.some((other) => other.planPath === planPath && other.plan === plan)
  return (await removeRun(stateDir, one.info, { isLockHeld }))
    ? line
    : { ...line, kept: 'it has just been taken up again' }
}

function lineOf({ info, bytes, over, kept }: Prunable): PrunedRun {
  const { run, plan } = info
  return { run, plan, bytes, over, kept }
}
