/** What stays on the terminal when a run has ended: how, how many, and how to look into what failed. */
import type { ItemRow } from '../model/feed.ts'
import type { RunId } from '../model/ids.ts'
import { clean } from '../view/fit.ts'
import { formatCount, formatTook } from '../view/format.ts'
import { formatColumns } from './columns.ts'

export interface RunSummary {
  readonly run: RunId
  readonly plan: string
  readonly outcome: 'succeeded' | 'failed' | 'stopped' | 'interrupted'
  readonly succeeded: number
  readonly failed: number
  readonly skipped: number
  readonly left: number
  /** Milliseconds it took. */
  readonly ms: number
  /** The first of those that failed. */
  readonly failures: readonly ItemRow[]
  /** The first of those whose undo failed, and how many those are; left out: none. */
  readonly undoFailures?: { readonly rows: readonly ItemRow[]; readonly count: number }
}

/** How many failed items a summary names. */
export const MOST_FAILURES = 20

/** How many of those whose undo failed. */
export const MOST_UNDO_FAILURES = 5

/** The failed items as rows of a table. */
export type FailureRow = {
  readonly item: string
  readonly batch: string
  readonly tries: number
  readonly reason: string
}

export function failureRows({ failures }: RunSummary): readonly FailureRow[] {
  return failures.map(({ name, batch, attempts, reason = '' }) => ({ item: name, batch, tries: attempts, reason }))
}

/** Above the table: one line that says how it went. */
export function summaryHead({ run, plan, outcome, ms, ...counts }: RunSummary): string {
  const words = [
    `${formatCount(counts.succeeded)} succeeded`,
    ...(counts.failed > 0 ? [`${formatCount(counts.failed)} failed`] : []),
    ...(counts.skipped > 0 ? [`${formatCount(counts.skipped)} skipped`] : []),
    ...(counts.left > 0 ? [`${formatCount(counts.left)} left`] : []),
  ]
  return `run ${run} of ${clean(plan)} ${said[outcome]} after ${formatTook(ms)}: ${words.join(', ')}`
}

const said = {
  succeeded: 'succeeded',
  failed: 'failed',
  stopped: 'was stopped',
  interrupted: 'was interrupted',
} as const

/** Below the table: how to see more, and how a run that was stopped goes on. Empty where nothing failed and nothing is left. */
export function summaryFoot(summary: RunSummary): readonly string[] {
  const { run, failed, failures, outcome, left } = summary
  const [first] = failures
  const more = failed - failures.length
  return [
    ...(first && more > 0 ? [`and ${formatCount(more)} more: batchtop items --state failed -R ${run}`] : []),
    ...(first ? [`their output: batchtop log ${quoted(first)} -R ${run}`] : []),
    ...undoLines(summary),
    ...(outcome === 'stopped' && left > 0 ? [`what is left: batchtop recover ${run}`] : []),
  ]
}

function undoLines({ run, undoFailures }: RunSummary): readonly string[] {
  const { rows, count } = undoFailures ?? { rows: [], count: 0 }
  const [first] = rows
  if (!first) return []
  const more = count > rows.length ? ` and ${formatCount(count - rows.length)} more` : ''
  return [`not undone: ${rows.map(quoted).join(', ')}${more}: batchtop log ${quoted(first)} --undo -R ${run}`]
}

/** An item's name as it can be typed. */
function quoted({ name, index }: ItemRow): string {
  return /^[\w./+=,-]+$/.test(name) && !name.startsWith('-') ? name : `@${index + 1}`
}

/** All of it as plain text. */
export function summaryText(summary: RunSummary): string {
  const rows = failureRows(summary)
  const table = formatColumns(
    [
      { title: 'failed', most: 48 },
      { title: 'batch', most: 24 },
      { title: 'tries', align: 'right' },
      { title: 'reason', most: 100 },
    ],
    rows.map(({ item, batch, tries, reason }) => [item, batch, String(tries), reason]),
  )
  const lines = [summaryHead(summary), ...(rows.length > 0 ? table : []), ...summaryFoot(summary)]
  return `${lines.join('\n')}\n`
}
