/** Runs that are removed, or would be, a line each. */
import type { RunId } from '../model/ids.ts'
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import { clean } from '../view/fit.ts'
import { countOf, formatBytes } from '../view/format.ts'
import { JSON_LINES_VERSION } from '../view/json-lines.ts'
import { formatColumns } from './columns.ts'

export interface PrunedRun {
  readonly run: RunId
  readonly plan: string
  readonly bytes: Bytes
  /** The limit it is over. */
  readonly reason: string
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
    runs.map(({ run, plan, bytes: size, reason, kept }) => [
      run,
      plan,
      formatBytes(size),
      kept === undefined ? reason : `${reason}; stays: ${kept}`,
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
export function prunedJson({ kept, plan, ...run }: PrunedRun, isDry: boolean): string {
  const isRemoved = !isDry && kept === undefined
  return JSON.stringify({ v: JSON_LINES_VERSION, ...run, plan: clean(plan), kept, removed: isRemoved })
}
