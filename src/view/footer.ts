/** Footer: the keys that apply now, or what a person has to know or answer. One row. */
import { cellWidth, clean } from './fit.ts'
import { finish } from './panel.ts'
import { type Area, cell, fitRow, gap, type Row, rowWidth, type Segment, type Tone } from './row.ts'

export interface Hint {
  readonly keys: string
  readonly label: string
}

export type Foot =
  | {
      readonly kind: 'keys'
      /** Stands before the keys, which give way to it. */
      readonly note?: string | undefined
      readonly hints: readonly Hint[] /** Always seen, at the end. */
      readonly last: readonly Hint[]
    }
  | { readonly kind: 'notice'; readonly text: string; readonly tone?: Tone }
  /** Texts from long to short: the first that fits is taken. */
  | { readonly kind: 'question'; readonly text: string; readonly answers: readonly Hint[]; readonly short: string }
  | { readonly kind: 'typing'; readonly label: string; readonly text: string }

export function footerRow(foot: Foot, area: Area): Row {
  return finish([rowOf(foot, area.columns)], { ...area, rows: 1 })[0] ?? []
}

function rowOf(foot: Foot, columns: number): Row {
  switch (foot.kind) {
    case 'keys':
      return keysRow(foot, columns)
    case 'notice':
      return [
        gap(1),
        cell(foot.text, columns - 2, { bold: true, ...(foot.tone === undefined ? {} : { color: foot.tone }) }),
      ]
    case 'question':
      return questionRow(foot, columns)
    case 'typing':
      return [
        { text: ` ${foot.label}`, color: 'selected', bold: true },
        { text: tail(foot.text, columns - cellWidth(foot.label) - 4) },
        { text: '_', bold: true },
      ]
    default:
      return foot satisfies never
  }
}

/** The end of a text that is being typed. */
const tail = (text: string, width: number): string => (text.length <= width ? text : text.slice(-Math.max(0, width)))

const hintWidth = (hint: Hint): number => cellWidth(hint.keys) + cellWidth(hint.label) + 1

const hintSegments = ({ keys, label }: Hint): Segment[] => [
  { text: keys, color: 'selected', bold: true },
  { text: ` ${label}` },
]

function keysRow({ note, hints, last }: Extract<Foot, { kind: 'keys' }>, columns: number): Row {
  let room = columns - 2 - last.reduce((sum, hint) => sum + hintWidth(hint) + 2, 0)
  const row: Segment[] = note === undefined ? [] : [gap(1), noteOf(note, room)]
  room -= row.length === 0 ? 0 : rowWidth(row) + 1
  for (const hint of hints) {
    room -= hintWidth(hint) + 2
    if (room < 0) break
    row.push(gap(row.length === 0 ? 1 : 2), ...hintSegments(hint))
  }
  for (const hint of last) row.push(gap(row.length === 0 ? 1 : 2), ...hintSegments(hint))
  return row
}

const noteOf = (note: string, room: number): Segment =>
  cell(note, Math.max(0, Math.min(room - 2, cellWidth(clean(note)))), { color: 'waiting', bold: true })

function questionRow(foot: Extract<Foot, { kind: 'question' }>, columns: number): Row {
  const answers = foot.answers.flatMap((hint) => [gap(2), ...hintSegments(hint)])
  const size = foot.answers.reduce((sum, hint) => sum + hintWidth(hint) + 2, 0)
  const text = cellWidth(foot.text) + size + 2 <= columns ? foot.text : foot.short
  const room = Math.max(0, columns - size - 2)
  const fitted = cell(text, Math.min(room, cellWidth(text)), { color: 'waiting', bold: true })
  return fitRow([gap(1), fitted, ...answers], columns)
}
