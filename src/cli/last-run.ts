/** What becomes of the newest run of a plan that is started again: continued, left alone, or nothing is started at all. */
import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { listRuns } from '../journal/run-folder.ts'
import type { RunInfo } from '../journal/run-info.ts'
import { BatchtopError } from '../model/errors.ts'
import { interruptedSentence, movedSentence, stoppedSentence } from '../output/recovery.ts'
import { readPlanName } from '../plan/plan-name.ts'
import { ask } from './ask.ts'
import type { RunOptions } from './options.ts'
import { reachedBy } from './reached.ts'
import { findRunsOf, hasWorkLeft, unfinishedRuns } from './runs.ts'
import { findStateDir } from './state-dir.ts'
import { isTerminal, say } from './terminal.ts'

export type Decision = { readonly how: 'start' | 'cancel' } | { readonly how: 'recover'; readonly info: RunInfo }

const START: Decision = { how: 'start' }

/**
 * Looks, and where it must, asks.
 * @throws BatchtopError `interrupted` (exit 2) where nobody can be asked, `plan-moved` where what is to go on is a run of a file that is gone
 */
export async function decide(planPath: string, options: RunOptions): Promise<Decision> {
  if (options.new) return START
  const place = await placeOf(planPath)
  // A plan that is gone can be gone on with: its runs have copies of it.
  if (place === undefined || (place.isGone && !options.recover)) return START
  const folder = findStateDir({ option: options.stateDir, from: path.dirname(place.path) })
  const all = await listRuns(folder)
  const ofPath = all.filter((info) => info.planPath === place.path)
  // Here and below the plan is read twice only where that may matter.
  if (ofPath.length === 0) return all.some(isOrphan) ? await decideMoved(place.path, folder, options) : START
  const info = await findUnfinished(place, folder, ofPath)
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
async function findUnfinished(place: Place, folder: string, ofPath: readonly RunInfo[]): Promise<RunInfo | undefined> {
  const unfinished = ofPath.find((info) => info.ended?.left !== 0)
  const name = place.isGone || !unfinished ? unfinished?.plan : await readPlanName(place.path)
  if (name === undefined) return undefined
  const runs = await findRunsOf(folder, { path: place.path, name })
  const [newest] = runs
  // Who has a live run is told so by the supervisor, which knows best.
  return newest && hasWorkLeft(newest) && !runs.some(({ isLive }) => isLive) ? newest.info : undefined
}

/** A file without runs: it may be one that had another name or place when a run of it was left. */
async function decideMoved(planPath: string, folder: string, { recover }: RunOptions): Promise<Decision> {
  const name = await readPlanName(planPath)
  const left = name === undefined ? [] : unfinishedRuns(await findRunsOf(folder, { name }))
  const moved = left.map(({ info }) => info).find(isOrphan)
  if (!moved) return START
  if (recover) throw planMoved(moved)
  say(movedSentence(moved))
  return START
}

const isOrphan = ({ planPath, ended }: RunInfo): boolean => ended?.left !== 0 && !existsSync(planPath)

interface Place {
  readonly path: string
  readonly isGone: boolean
}

/** Real path of a plan, also of one that is there no more; undefined where its folder is not either. */
async function placeOf(planPath: string): Promise<Place | undefined> {
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

function planMoved({ run, plan, planPath }: RunInfo): BatchtopError {
  return new BatchtopError(
    'plan-moved',
    `Run ${run} of ${plan} has work left, and its plan file ${planPath} is gone.`,
    {
      hint: `\`batchtop recover ${run}\` goes on with it by its copy of the plan, --new starts a new run.`,
    },
  )
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
