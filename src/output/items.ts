/** Items a line each, for people and for scripts. */
import type { ItemRow, ItemUndo } from '../model/feed.ts'
import type { RunId } from '../model/ids.ts'
import { nameFields } from '../model/names.ts'
import type { Because, Reason } from '../model/reason.ts'
import type { Bytes } from '../model/units.ts'
import { cellWidth, clean, cutEnd } from '../view/fit.ts'
import { formatBytes, formatMeasured } from '../view/format.ts'
import { JSON_LINES_VERSION, reasonFields } from '../view/json-lines.ts'
import { pad } from './columns.ts'

export interface ItemLine extends ItemRow {
  /** JSON text of what it returned. */
  readonly value?: string
  /** Most memory of its last ended attempt. */
  readonly peak?: Bytes
  /** What `reason` says, as data. */
  readonly undo?: ItemUndo
  readonly why?: { readonly reason: Reason } | { readonly because: Because }
}

/** Widths of the columns, from what is known before the first line: lines are printed as they come. */
export interface ItemWidths {
  readonly number: number
  readonly name: number
  readonly batch: number
  /** Some item has an amount of memory. */
  readonly hasMemory: boolean
}

const MOST_NAME = 48
const MOST_BATCH = 24
const MOST_TEXT = 80

export function itemWidths({
  items,
  names,
  batches,
  hasMemory,
}: {
  readonly items: number
  readonly names: Iterable<string>
  readonly batches: readonly string[]
  readonly hasMemory: boolean
}): ItemWidths {
  let name = 4
  for (const text of names) name = Math.max(name, Math.min(MOST_NAME, cellWidth(clean(text))))
  const batch = Math.max(5, ...batches.map((id) => Math.min(MOST_BATCH, cellWidth(clean(id)))))
  return { number: String(items).length + 1, name, batch, hasMemory }
}

/** One line, without its end. */
export function itemLine(row: ItemLine, widths: ItemWidths): string {
  const text = row.reason ?? row.value ?? ''
  return [
    pad(`@${row.index + 1}`, widths.number, 'right'),
    pad(cutEnd(row.name, MOST_NAME), widths.name),
    pad(cutEnd(row.batch, MOST_BATCH), widths.batch),
    pad(row.state, 9),
    pad(row.attempts > 1 ? `${row.attempts} tries` : '', 7, 'right'),
    pad(row.ms === undefined ? '' : formatMeasured(row.ms), 6, 'right'),
    ...(widths.hasMemory ? [pad(row.peak === undefined ? '' : formatBytes(row.peak), 7, 'right')] : []),
    cutEnd(text, MOST_TEXT),
  ]
    .join('  ')
    .trimEnd()
}

/** One JSON line, without its end. */
export function itemJson(run: RunId, row: ItemLine): string {
  const { index, name, batch, state, attempts, ms, peak, value, why, undo } = row
  const text = JSON.stringify({
    v: JSON_LINES_VERSION,
    run,
    batch,
    ...nameFields(name),
    number: index + 1,
    state,
    attempts,
    ...(ms === undefined ? {} : { ms }),
    ...(peak === undefined ? {} : { peak }),
    ...(why && 'reason' in why ? { reason: reasonFields(why.reason) } : why),
    ...(undo ? { undo: 'reason' in undo ? { ...undo, reason: reasonFields(undo.reason) } : undo } : {}),
  })
  return value === undefined ? text : `${text.slice(0, -1)},"value":${value}}`
}
