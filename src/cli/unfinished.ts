/** Which run `recover` means, and what is said where it cannot go on. */
import type { RunInfo } from '../journal/run-info.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { KnownRun } from './runs.ts'
import { candidates, chooseRun, describe, hasWorkLeft, unfinishedRuns } from './runs.ts'

export interface Unfinished {
  readonly info: RunInfo
  /** Plans, its own included, whose last run has work left; 1 where a run was named. */
  readonly plans: number
}

/**
 * @param runs newest first
 * @param named as everywhere; undefined: the newest of this state folder that is the last of its plan and has work left
 * @throws BatchtopError `no-run`, `several-runs` (exit 4), `run-live` (exit 75), `run-over` (exit 2)
 */
export function chooseUnfinished(runs: readonly KnownRun[], named: string | undefined): Unfinished {
  if (named !== undefined) return { info: checked(chooseRun(runs, named, 'any')), plans: 1 }
  const left = unfinishedRuns(runs)
  const [newest] = left
  if (!newest) throw nothingLeft(runs)
  return { info: newest.info, plans: left.length }
}

function checked(run: KnownRun): RunInfo {
  if (run.isLive) throw runLive(run.info)
  if (!hasWorkLeft(run)) throw runOver(run.info)
  return run.info
}

export function runLive({ run }: RunInfo): BatchtopError {
  return new BatchtopError('run-live', `Run ${run} is live.`, { hint: `batchtop attach ${run}`, exit: EXIT.busy })
}

function runOver({ run, ended }: RunInfo): BatchtopError {
  const hint =
    (ended?.failed ?? 0) > 0
      ? `\`batchtop retry --failed -R ${run}\` runs those again that failed.`
      : `\`batchtop status ${run}\` says how it ended.`
  return new BatchtopError('run-over', `Run ${run} has ended, nothing of it is left to do.`, { hint })
}

function nothingLeft(runs: readonly KnownRun[]): BatchtopError {
  const live = runs.filter(({ isLive }) => isLive)
  const [first] = live
  const [newest] = runs
  const hint = first
    ? live.length > 1
      ? candidates(live)
      : `Run ${describe(first)}: \`batchtop attach ${first.info.run}\`.`
    : newest
      ? `The newest run is ${describe(newest)}.`
      : '`batchtop run PLAN` starts one.'
  return new BatchtopError('no-run', 'There is no run here to go on with.', { hint, exit: EXIT.notFound })
}
