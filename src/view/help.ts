/** Help: every key and what it does, in one or two columns. */
import { cellWidth } from './fit.ts'
import { finish, titleRow, windowFrom } from './panel.ts'
import { type Area, cell, gap, type Row } from './row.ts'

export interface HelpLine {
  readonly keys: string
  readonly help: string
}

export interface HelpInput {
  readonly area: Area
  readonly title: string
  readonly lines: readonly HelpLine[]
  readonly from: number
}

export function helpRows({ area, title, lines, from }: HelpInput): readonly Row[] {
  const columns = area.columns >= 110 ? 2 : 1
  const keyWidth = Math.max(...lines.map((line) => cellWidth(line.keys)))
  const width = Math.floor(area.columns / columns)
  const height = Math.ceil(lines.length / columns)
  const seen = windowFrom(from, height, area.rows - 1)
  const rows: Row[] = []
  for (let place = seen.from; place < seen.to; place++) {
    const parts = Array.from({ length: columns }, (_, column) => lines[place + column * height])
    rows.push(parts.flatMap((line) => (line === undefined ? [] : helpCells(line, keyWidth, width))))
  }
  return finish([titleRow(title, { area, note: seen.note }), ...rows], area)
}

const helpCells = ({ keys, help }: HelpLine, keyWidth: number, width: number): Row => [
  gap(1),
  cell(keys, keyWidth, { color: 'selected', bold: true }),
  gap(2),
  cell(help, width - keyWidth - 4),
  gap(1),
]
