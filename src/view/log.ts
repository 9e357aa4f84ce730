/** The output of an item: its last lines, newest at the bottom. */
import { clean } from './fit.ts'
import { finish, titleRow } from './panel.ts'
import { type Area, cell, gap, type Row } from './row.ts'

/** Of an item in a replay. */
export const NO_OUTPUT = 'no attempt that has ended by now wrote anything'

export interface LogInput {
  readonly area: Area
  /** Name of the item; undefined where nothing is selected. */
  readonly name: string | undefined
  /** Undefined until they came. */
  readonly lines: readonly string[] | undefined
  /** The output of an attempt is known once it has ended. */
  readonly isReplay?: boolean
  /** How many of the newest lines are scrolled away. */
  readonly from: number
}

export function logRows({ area, name, lines, from, isReplay = false }: LogInput): readonly Row[] {
  const title = titleRow(name === undefined ? 'Log' : `Log of ${clean(name)}`, {
    area,
    note: from > 0 ? `${from} newer below` : '',
  })
  const nothing = isReplay ? NO_OUTPUT : 'nothing written so far'
  const empty = name === undefined ? 'no item is selected' : lines === undefined ? 'loading' : nothing
  if (lines === undefined || lines.length === 0) return finish([title, [{ text: ` ${empty}`, color: 'dim' }]], area)
  const room = area.rows - 1
  const end = Math.max(Math.min(room, lines.length), lines.length - from)
  const seen = lines.slice(Math.max(0, end - room), end)
  return finish([title, ...seen.map((line): Row => [gap(1), cell(line, area.columns - 2)])], area)
}
