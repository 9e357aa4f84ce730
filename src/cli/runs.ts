/** Which runs there are, live ones from anywhere and all of the state folder, and which of them a person means. */
import { realpath } from 'node:fs/promises'
import path from 'node:path'
import { listRuns, matchRuns, readIfKnown } from '../journal/run-folder.ts'
import type { RunInfo } from '../journal/run-info.ts'
import { readRunInfo } from '../journal/run-info.ts'
import { findLiveRuns } from '../link/liveness.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { Plan } from '../model/plan.ts'
import { isAlive } from './alive.ts'
import type { TargetOptions } from './options.ts'
import { findStateDir, isStateDirGiven } from './state-dir.ts'
import { say } from './terminal.ts'

export interface KnownRun {
  readonly info: RunInfo
  readonly isLive: boolean
  /** In the state folder that is looked at first: of this project, or the one that was named. */
  readonly isHere: boolean
}

const MOST_CANDIDATES = 10
const NO_RUNS = 'There are no runs here.'
const HOW_TO_START = '`batchtop run PLAN` starts one.'

/** `live`: only a live run will do. `any`: an ended one is as good. */
export type Wanted = 'live' | 'any'

const isRunId = (text: string): boolean => /^[0-9a-f]{4,8}$/.test(text)

/**
 * All runs of the state folder and, unless that folder was named, live runs of all others; newest first.
 * @throws BatchtopError `run-format`, `run-damaged` where the run that is named cannot be read: it is there all the same
 */
export async function findRuns(options: TargetOptions): Promise<readonly KnownRun[]> {
  const place = { option: options.stateDir, from: process.cwd() }
  const stateDir = findStateDir(place)
  const live = new Set((await findLiveRuns()).map(({ folder }) => folder))
  const own = await withLiveness(await listRuns(stateDir), live)
  if (options.run !== undefined && isRunId(options.run)) await readRunInfo(path.join(stateDir, 'runs', options.run))
  if (isStateDirGiven(place)) return own
  const others = await Promise.all([...live].map((folder) => readIfKnown(folder)))
  const elsewhere = others.flatMap((info) => (info ? [{ info, isLive: true, isHere: false }] : []))
  return [...own, ...elsewhere].toSorted((left, right) => right.info.startedAt - left.info.startedAt)
}

/** All runs of one plan in a state folder, or of all plans of one name, newest first. */
export async function findRunsOf(
  stateDir: string,
  { path: planPath, name }: Partial<Pick<Plan, 'path'>> & Pick<Plan, 'name'>,
): Promise<readonly KnownRun[]> {
  const named = (await listRuns(stateDir)).filter((info) => info.plan === name)
  const infos = planPath === undefined ? named : named.filter((info) => info.planPath === planPath)
  // The process list is looked at only where a run may be live.
  if (infos.every(({ ended }) => ended)) return infos.map((info) => ({ info, isLive: false, isHere: true }))
  return await withLiveness(infos, new Set((await findLiveRuns()).map(({ folder }) => folder)))
}

/** @param live real paths of the folders of live runs; those that are among the runs are taken out */
async function withLiveness(infos: readonly RunInfo[], live: Set<string>): Promise<readonly KnownRun[]> {
  return await Promise.all(
    infos.map(async (info) => {
      const folder = await realpath(info.folder).catch(() => info.folder)
      const isFound = live.delete(folder)
      const isOver = info.ended !== undefined
      return {
        info,
        isLive: isFound || (!isOver && (await isAlive(info))),
        isHere: true,
      }
    }),
  )
}

/** @throws BatchtopError (exit 4) where there is none, or several */
export async function findRun(options: TargetOptions, wanted: Wanted): Promise<KnownRun> {
  const found = chooseRun(await findRuns(options), options.run, wanted)
  // Nobody should pause what belongs to others without seeing it.
  if (options.run === undefined && !found.isHere)
    say(`batchtop: run ${found.info.run} of ${found.info.plan}, in another project`)
  return found
}

/**
 * @param runs newest first
 * @param named a beginning of an id, a plan's name, or `last`; undefined: whichever is meant
 * @throws BatchtopError (exit 4) with the candidates
 */
export function chooseRun(runs: readonly KnownRun[], named: string | undefined, wanted: Wanted): KnownRun {
  const found = named === undefined ? unnamed(runs, wanted) : matching(runs, named)
  const [run, ...others] = found
  if (!run) throw noRun(runs, named, wanted)
  if (others.length > 0) throw ambiguous(found, named)
  if (wanted === 'live' && !run.isLive) throw notLive(run)
  return run
}

/** The one live run, those of this project before others; else, where an ended one will do, the newest of this project. */
function unnamed(runs: readonly KnownRun[], wanted: Wanted): readonly KnownRun[] {
  const live = runs.filter(({ isLive }) => isLive)
  const here = live.filter(({ isHere }) => isHere)
  if (here.length > 0) return here
  if (live.length > 0) return live
  return wanted === 'any' ? runs.slice(0, 1) : []
}

function matching(runs: readonly KnownRun[], named: string): readonly KnownRun[] {
  const matches = new Set(
    matchRuns(
      runs.map(({ info }) => info),
      named,
    ),
  )
  return runs.filter(({ info }) => matches.has(info))
}

function noRun(runs: readonly KnownRun[], named: string | undefined, wanted: Wanted): BatchtopError {
  const message = named !== undefined ? `There is no run ${named}.` : wanted === 'live' ? 'No run is live.' : NO_RUNS
  const [newest] = runs
  const isListWanted = named !== undefined && newest !== undefined
  const hint = isListWanted ? candidates(runs) : newest ? newestRun(newest) : HOW_TO_START
  return new BatchtopError('no-run', message, { hint, exit: EXIT.notFound })
}

function ambiguous(found: readonly KnownRun[], named: string | undefined): BatchtopError {
  const message =
    named === undefined ? `${found.length} runs are live: say which with -R.` : `Several runs begin with ${named}.`
  return new BatchtopError('several-runs', message, { hint: candidates(found), exit: EXIT.notFound })
}

function newestRun(newest: KnownRun): string {
  const what = `The newest run is ${describe(newest)}.`
  return hasWorkLeft(newest) ? `${what} ${howToGoOn(newest.info)}` : what
}

function notLive(run: KnownRun): BatchtopError {
  const hint = hasWorkLeft(run) ? howToGoOn(run.info) : `\`batchtop status -R ${run.info.run}\` says how it ended.`
  return new BatchtopError('not-live', `Run ${describe(run)}, is not live.`, { hint, exit: EXIT.notFound })
}

/** Whether it was interrupted, or ended before all its items had. */
export function hasWorkLeft({ info, isLive }: KnownRun): boolean {
  return !isLive && (info.ended === undefined || info.ended.left > 0)
}

/**
 * Runs of this project that may be offered to go on with, newest first. A newer run of the same plan, however it went, has taken the place of
 * one before it: who wants that one all the same has to name it.
 * @param runs newest first
 */
export function unfinishedRuns(runs: readonly KnownRun[]): readonly KnownRun[] {
  const plans = new Set<string>()
  const newest = runs.filter(({ info: { planPath, plan }, isHere }) => {
    const key = `${planPath}\n${plan}`
    const isFirst = isHere && !plans.has(key)
    if (isFirst) plans.add(key)
    return isFirst
  })
  return newest.filter(hasWorkLeft)
}

export function howToGoOn({ run }: Pick<RunInfo, 'run'>, what = 'it'): string {
  return `\`batchtop recover ${run}\` goes on with ${what}.`
}

export function candidates(runs: readonly KnownRun[]): string {
  const named = runs.slice(0, MOST_CANDIDATES).map((run) => `  ${describe(run)}`)
  const more = runs.length - named.length
  return ['Runs:', ...named, ...(more > 0 ? [`  and ${more} more (batchtop ls)`] : [])].join('\n')
}

export function describe({ info, isLive }: KnownRun): string {
  return `${info.run} of ${info.plan}, ${isLive ? 'live' : (info.ended?.outcome ?? 'interrupted')}`
}
