/** The output of an item: its last lines, newest at the bottom. */
import { finish, titleRow } from './panel.ts'
import { type Area, cell, gap, type Row } from './row.ts'

export interface LogInput {
  readonly area: Area
  /** Name of the item; undefined where nothing is selected. */
  readonly name: string | undefined
  /** Undefined until they came. */
  readonly lines: readonly string[] | undefined
  /** How many of the newest lines are scrolled away. */
  readonly from: number
}

export function logRows({ area, name, lines, from }: LogInput): readonly Row[] {
  const title = titleRow(name === undefined ? 'Log' : `Log of ${name}`, {
    area,
    note: from > 0 ? `${from} newer below` : '',
  })
  const empty = name === undefined ? 'no item is selected' : lines === undefined ? 'loading' : 'nothing written so far'
  if (lines === undefined || lines.length === 0) return finish([title, [{ text: ` ${empty}`, color: 'dim' }]], area)
  const room = area.rows - 1
  const end = Math.max(Math.min(room, lines.length), lines.length - from)
  const seen = lines.slice(Math.max(0, end - room), end)
  return finish([title, ...seen.map((line): Row => [gap(1), cell(line, area.columns - 2)])], area)
}
