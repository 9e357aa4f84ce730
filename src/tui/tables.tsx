/** Tables that stand still: a plan's batches, the summary at the end of a run. Called by cli. */
import { stripVTControlCharacters } from 'node:util'
import { renderToString } from 'ink'
import { Table } from 'ink-table'
import { cellWidth, clean, cutMiddle, toAscii } from '../view/fit.ts'

/** One line of a table. Numbers stand at the right; what is undefined stays empty. */
export type TableRow = Readonly<Record<string, string | number | undefined>>

export interface TableOptions {
  /** Width of the terminal. The widest columns give way until the table fits. */
  readonly columns: number
  /** Left out: as the terminal says. */
  readonly color?: boolean
  /** No line characters. */
  readonly ascii?: boolean
}

/** Lines of a table with the keys of the first row as headings; empty where there are no rows. */
export function renderTable(rows: readonly TableRow[], { columns, color = true, ascii = false }: TableOptions): string {
  const names = Object.keys(rows[0] ?? {})
  if (names.length === 0) return ''
  const widths = fitted(names, rows, columns)
  const data = rows.map((row) =>
    Object.fromEntries(names.map((name, place) => [shown(name, widths[place]), shown(row[name], widths[place])])),
  )
  const heads = names.map((name, place) => ({
    key: shown(name, widths[place]),
    align: rows.some((row) => typeof row[name] === 'number') ? ('right' as const) : ('left' as const),
  }))
  const drawn = renderToString(<Table data={data} columns={heads} />, { columns })
  const text = ascii ? drawn.split('\n').map(toAscii).join('\n') : drawn
  return color ? text : stripVTControlCharacters(text)
}

const widthOf = (value: string | number | undefined): number => cellWidth(clean(String(value ?? '')))

/** Widths of the columns' texts, the widest made narrower until borders and padding fit too. */
function fitted(names: readonly string[], rows: readonly TableRow[], columns: number): number[] {
  const widths = names.map((name) => Math.max(widthOf(name), ...rows.map((row) => widthOf(row[name]))))
  const room = columns - 3 * names.length - 1
  for (;;) {
    const widest = Math.max(...widths)
    if (widest <= 1 || widths.reduce((sum, width) => sum + width, 0) <= room) return widths
    widths[widths.indexOf(widest)] = widest - 1
  }
}

/**
 * A text the table can hold: it neither cuts nor measures cells but counts letters. So a wide letter gets an invisible companion,
 * which Ink leaves out again, and what is longer than it looks is left out.
 */
function shown(value: string | number | undefined, width = 1): string {
  return Array.from(cutMiddle(String(value ?? ''), width), (letter) => {
    const cells = cellWidth(letter)
    if (cells === 0) return ''
    return letter.length > cells ? '?' : letter + '\u200B'.repeat(cells - letter.length)
  }).join('')
}
