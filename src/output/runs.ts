/** Runs a line each. */
import type { Outcome } from '../model/event.ts'
import type { RunId } from '../model/ids.ts'
import type { RunStateWord } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import { formatCount, formatShort } from '../view/format.ts'
import { JSON_LINES_VERSION } from '../view/json-lines.ts'
import { formatColumns } from './columns.ts'
import { formatMoment, iso } from './json.ts'

export interface RunLine {
  readonly run: RunId
  readonly plan: string
  readonly planPath: string
  readonly stateDir: string
  readonly state: RunStateWord
  readonly startedAt: WallTime
  /** Milliseconds, of an interrupted run up to its last event; left out where that was not read. */
  readonly elapsed?: number
  readonly total: number
  /** Left out of an interrupted run whose journal was not read. */
  readonly counts?: { readonly succeeded: number; readonly failed: number; readonly skipped: number }
  readonly outcome?: Outcome
  readonly exit?: number
}

export function runsText(runs: readonly RunLine[]): string {
  const number = { align: 'right' } as const
  const lines = formatColumns(
    [
      { title: 'run' },
      { title: 'plan', most: 40 },
      { title: 'state' },
      { title: 'started' },
      { title: 'took', ...number },
      { title: 'done', ...number },
      { title: 'failed', ...number },
      { title: 'skipped', ...number },
    ],
    runs.map((run) => [
      run.run,
      run.plan,
      run.outcome ?? run.state,
      formatMoment(run.startedAt),
      run.elapsed === undefined ? '' : formatShort(run.elapsed),
      run.counts ? `${formatCount(doneOf(run.counts))}/${formatCount(run.total)}` : `?/${formatCount(run.total)}`,
      run.counts ? formatCount(run.counts.failed) : '',
      run.counts ? formatCount(run.counts.skipped) : '',
    ]),
  )
  return `${lines.join('\n')}\n`
}

/** What was skipped never ran. */
const doneOf = (counts: NonNullable<RunLine['counts']>): number => counts.succeeded + counts.failed

/** One JSON line, without its end. */
export function runJson({ startedAt, counts, ...run }: RunLine): string {
  return JSON.stringify({ v: JSON_LINES_VERSION, ...run, startedAt: iso(startedAt), ...counts })
}
