/** Items: one page of a list that may have millions, as the feed gave it. */
import type { ItemRow, ItemStateWord } from '../model/feed.ts'
import { cellWidth } from './fit.ts'
import { countOf, formatCount, formatMeasured } from './format.ts'
import { finish, titleRow } from './panel.ts'
import { type Area, cell, gap, type Row, type Tone } from './row.ts'

export interface ItemsInput {
  readonly area: Area
  /** Rows from place `from` of the list on. */
  readonly rows: readonly ItemRow[]
  readonly from: number
  readonly total: number
  /** Place of the selected row in the whole list. */
  readonly selected: number
  /** What is shown of all: `failed`, `name has "US"`, `slowest first`. */
  readonly filter: string
  readonly isLoading: boolean
}

interface Widths {
  readonly number: number
  readonly batch: number
  readonly name: number
}

/** How many rows of items a panel of this size shows. */
export const itemRoom = (rows: number): number => Math.max(1, rows - 2)

export function itemsRows(input: ItemsInput): readonly Row[] {
  const { area, rows, from, total, selected, filter, isLoading } = input
  const widths = widthsOf(rows, area.columns)
  const title = titleRow(filter === '' ? 'Items' : `Items  ${filter}`, { area, note: noteOf(input) })
  const list = rows.map((row, place) =>
    itemRow(row, widths, { columns: area.columns, isSelected: from + place === selected }),
  )
  const empty = isLoading && total === 0 ? 'loading' : 'no items here'
  const rest: Row[] = rows.length === 0 ? [[{ text: `   ${empty}`, color: 'dim' }]] : []
  return finish([title, headingRow(widths), ...list, ...rest], area)
}

function noteOf({ rows, from, total }: ItemsInput): string {
  if (total === 0) return ''
  if (rows.length >= total) return countOf(total, 'item')
  return `${formatCount(from + 1)}-${formatCount(from + rows.length)} of ${formatCount(total)}`
}

function widthsOf(rows: readonly ItemRow[], columns: number): Widths {
  const number = Math.max(4, ...rows.map((row) => String(row.index + 1).length + 1))
  const longest = Math.max(5, ...rows.map((row) => cellWidth(row.batch)))
  const batch = Math.min(longest, columns >= 100 ? 24 : 12)
  const name = Math.floor((columns - number - batch - 32) * (columns >= 100 ? 0.5 : 0.6))
  return { number, batch, name: Math.max(8, name) }
}

function headingRow({ number, batch, name }: Widths): Row {
  const dim = { color: 'dim' } as const
  return [
    gap(3),
    cell('#', number, { ...dim, align: 'right' }),
    gap(1),
    cell('item', name + 1, dim),
    cell('batch', batch + 1, dim),
    cell('state', 10, dim),
    cell('tries', 5, { ...dim, align: 'right' }),
    cell('time', 8, { ...dim, align: 'right' }),
    gap(2),
    { text: 'reason', ...dim },
  ]
}

function itemRow(row: ItemRow, widths: Widths, { columns, isSelected }: { columns: number; isSelected: boolean }): Row {
  const mark = isSelected ? ({ color: 'selected', bold: true } as const) : {}
  const head: Row = [
    { text: isSelected ? ' ▸ ' : '   ', ...mark },
    cell(`@${row.index + 1}`, widths.number, { align: 'right', color: 'dim' }),
    gap(1),
    cell(row.name, widths.name, { cut: 'middle', ...mark }),
    gap(1),
    cell(row.batch, widths.batch, { cut: 'middle' }),
    gap(1),
    cell(row.state, 10, { color: toneOf(row.state) }),
    cell(row.attempts > 0 ? String(row.attempts) : '', 5, { align: 'right' }),
    cell(row.ms === undefined ? '' : formatMeasured(row.ms), 8, { align: 'right' }),
    gap(2),
  ]
  const room = columns - widths.number - widths.name - widths.batch - 31
  return [...head, cell(row.reason ?? '', Math.max(0, room), { color: row.state === 'failed' ? 'failed' : 'dim' })]
}

function toneOf(state: ItemStateWord): Tone {
  switch (state) {
    case 'running':
    case 'succeeded':
      return 'running'
    case 'waiting':
    case 'skipped':
      return 'waiting'
    case 'failed':
      return 'failed'
    case 'queued':
      return 'dim'
    default:
      return state satisfies never
  }
}
