import type { Prunable } from '../../journal/prune.ts'
import { findPrunable, removeLeftovers, removeRun } from '../../journal/prune.ts'
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
  const found = await find(stateDir, options)
  const runs: PrunedRun[] = []
  for (const one of found) runs.push(isDry ? lineOf(one) : await remove(stateDir, one))
  if (options.json) await print(runs.map((run) => `${prunedJson(run, isDry)}\n`).join(''))
  else await print(prunedText({ runs, isDry }))
  return EXIT.ok
}

async function find(stateDir: string, { keep, older, maxSize, force, dryRun }: PruneOptions): Promise<Prunable[]> {
  const live = new Set((await findRuns({ stateDir })).flatMap(({ info, isLive }) => (isLive ? [info.run] : [])))
  const now = wallTime(Date.now())
  if (!dryRun) await removeLeftovers(stateDir, now)
  return await findPrunable(stateDir, {
    now,
    isLive: ({ run }) => live.has(run),
    force: force === true,
    ...(keep === undefined ? {} : { keep }),
    ...(older === undefined ? {} : { age: older }),
    ...(maxSize === undefined ? {} : { size: maxSize }),
  })
}

async function remove(stateDir: string, one: Prunable): Promise<PrunedRun> {
  const line = lineOf(one)
  if (one.kept !== undefined || (await removeRun(stateDir, one.info))) return line
  return { ...line, kept: 'a run of its plan is live' }
}

function lineOf({ info, bytes, reason, kept }: Prunable): PrunedRun {
  const { run, plan } = info
  return { run, plan, bytes, reason, kept }
}
