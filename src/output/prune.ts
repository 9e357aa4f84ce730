/** Runs that are removed, or would be, a line each. */
import { assertNever } from '../model/errors.ts'
import type { RunId } from '../model/ids.ts'
import type { OverLimit } from '../model/over-limit.ts'
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import { clean } from '../view/fit.ts'
import { countOf, formatBytes, formatRoundBytes } from '../view/format.ts'
import { JSON_LINES_VERSION } from '../view/json-lines.ts'
import { formatColumns } from './columns.ts'

export interface PrunedRun {
  readonly run: RunId
  readonly plan: string
  readonly bytes: Bytes
  readonly over: OverLimit
  /** Why it stays all the same; undefined: it goes. */
  readonly kept?: string | undefined
}

interface Pruned {
  readonly runs: readonly PrunedRun[]
  /** True: nothing was removed. */
  readonly isDry: boolean
}

export function prunedText({ runs, isDry }: Pruned): string {
  const table = formatColumns(
    [{ title: 'run' }, { title: 'plan', most: 40 }, { title: 'size', align: 'right' }, { title: 'why' }],
    runs.map(({ run, plan, bytes: size, over, kept }) => [
      run,
      plan,
      formatBytes(size),
      kept === undefined ? reasonOf(over) : `${reasonOf(over)}; stays: ${kept}`,
    ]),
  )
  return `${[...(runs.length > 0 ? table : []), summaryOf({ runs, isDry })].join('\n')}\n`
}

function summaryOf({ runs, isDry }: Pruned): string {
  const going = runs.filter(({ kept }) => kept === undefined)
  if (going.length === 0) return isDry ? 'Nothing would be removed.' : 'Nothing was removed.'
  return `${isDry ? 'Would remove' : 'Removed'} ${sizeOf(going)}.`
}

/** Said in passing, where a run starts. */
export function removedLine(runs: readonly Pick<PrunedRun, 'bytes'>[]): string {
  return `batchtop: removed ${sizeOf(runs, 'old run')}: batchtop prune -h has the rules`
}

function sizeOf(runs: readonly Pick<PrunedRun, 'bytes'>[], one = 'run'): string {
  return `${countOf(runs.length, one)} (${formatBytes(bytes(runs.reduce((sum, { bytes: size }) => sum + size, 0)))})`
}

/** One JSON line, without its end. */
export function prunedJson({ kept, plan, over, ...run }: PrunedRun, isDry: boolean): string {
  const isRemoved = !isDry && kept === undefined
  const reason = reasonOf(over)
  return JSON.stringify({ v: JSON_LINES_VERSION, ...run, plan: clean(plan), reason, kept, removed: isRemoved })
}

function reasonOf(over: OverLimit): string {
  switch (over.kind) {
    case 'count':
      return countReason(over.keep)
    case 'age':
      return `${over.hasEnded ? 'ended' : 'began'} ${spanText(over.past)} ago`
    case 'size':
      return `with the newer ones it takes more than ${formatRoundBytes(over.most)}`
    default:
      return assertNever(over)
  }
}

function countReason(keep: number): string {
  if (keep === 0) return 'none is to be kept'
  return keep === 1 ? 'not the last run' : `not one of the last ${keep} runs`
}

function spanText(ms: number): string {
  const hours = Math.floor(ms / 3_600_000)
  if (hours >= 24) return countOf(Math.floor(hours / 24), 'day')
  return hours > 0 ? `${hours} h` : `${Math.floor(ms / 60_000)} min`
}
