/** What becomes of the newest run of a plan that is started again: continued, left alone, or nothing is started at all. */
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { listRuns } from '../journal/run-folder.ts'
import type { RunInfo } from '../journal/run-info.ts'
import { BatchtopError } from '../model/errors.ts'
import { interruptedSentence, stoppedSentence } from '../output/recovery.ts'
import { readPlanName } from '../plan/plan-name.ts'
import { ask } from './ask.ts'
import type { RunOptions } from './options.ts'
import { reachedBy } from './reached.ts'
import { findRunsOf, hasWorkLeft } from './runs.ts'
import { findStateDir } from './state-dir.ts'
import { isTerminal, say } from './terminal.ts'

export type Decision = { readonly how: 'start' | 'cancel' } | { readonly how: 'recover'; readonly info: RunInfo }

const START: Decision = { how: 'start' }

/**
 * Looks, and where it must, asks.
 * @throws BatchtopError `interrupted` (exit 2) where nobody can be asked
 */
export async function decide(planPath: string, options: RunOptions): Promise<Decision> {
  if (options.new) return START
  const info = await findUnfinished(planPath, options)
  if (!info) return START
  if (options.recover) return { how: 'recover', info }
  if (info.ended) {
    say(stoppedSentence({ run: info.run, left: info.ended.left }))
    return START
  }
  if (!isTerminal()) throw interrupted(info)
  return await askWhat(info)
}

/** The newest run of the plan where it was interrupted or stopped, and no other run of it is live. */
async function findUnfinished(planPath: string, { stateDir, recover }: RunOptions): Promise<RunInfo | undefined> {
  const place = await placeOf(planPath)
  // A plan that is gone can be gone on with: its runs have copies of it.
  if (place === undefined || (place.isGone && !recover)) return undefined
  const folder = findStateDir({ option: stateDir, from: path.dirname(place.path) })
  const unfinished = (await listRuns(folder)).find((info) => info.planPath === place.path && info.ended?.left !== 0)
  // The plan is read twice only where that may matter.
  const name = place.isGone || !unfinished ? unfinished?.plan : await readPlanName(planPath)
  if (name === undefined) return undefined
  const runs = await findRunsOf(folder, { path: place.path, name })
  const [newest] = runs
  // Who has a live run is told so by the supervisor, which knows best.
  return newest && hasWorkLeft(newest) && !runs.some(({ isLive }) => isLive) ? newest.info : undefined
}

/** Real path of a plan, also of one that is there no more; undefined where its folder is not either. */
async function placeOf(planPath: string): Promise<{ readonly path: string; readonly isGone: boolean } | undefined> {
  const real = await realpath(planPath).catch(() => undefined)
  if (real !== undefined) return { path: real, isGone: false }
  const folder = await realpath(path.dirname(planPath)).catch(() => undefined)
  return folder === undefined ? undefined : { path: path.join(folder, path.basename(planPath)), isGone: true }
}

function interrupted({ run, plan }: RunInfo): BatchtopError {
  return new BatchtopError('interrupted', `The last run of ${plan}, ${run}, was interrupted.`, {
    hint: '--recover goes on with it, --new starts a new run.',
  })
}

async function askWhat(info: RunInfo): Promise<Decision> {
  const question = `${await interruptedText(info)}\n[r]ecover, [n]ew, [c]ancel? `
  const answer = await ask(question, { r: 'recover', n: 'start', c: 'cancel' } as const)
  if (answer === 'recover') return { how: 'recover', info }
  return { how: answer ?? 'cancel' }
}

async function interruptedText(info: RunInfo): Promise<string> {
  const { run, plan, items: total } = info
  const left = await reachedBy({ info, isLive: false, isHere: true }).catch(() => undefined)
  if (!left) return interruptedSentence({ run, plan })
  const { succeeded, failed, skipped } = left.counts
  return interruptedSentence({ run, plan, reached: { at: left.at, ended: succeeded + failed + skipped, total } })
}
