/**
 * The pictures of a run, as data: every panel is a list of rows, a row a list of pieces of text with a meaning. Pure: no
 * clock (`now` is an argument), no terminal. May import model and run. `tui` paints rows, `output` uses the sentences.
 */
import { cellWidth, cutEnd, cutMiddle } from './fit.ts'

/** What a piece of text means; the theme knows its colour. Something else (a word, a mark) always says the same. */
export type Tone = 'running' | 'waiting' | 'failed' | 'selected' | 'dim'

/** What a stretch of bar means. `track` is the part of a bar that is still empty. */
export type Fill = 'running' | 'waiting' | 'failed' | 'past' | 'track'

export interface Segment {
  readonly text: string
  readonly color?: Tone
  readonly bold?: boolean
  /** Background: bars are coloured spaces, which a terminal draws at a fraction of the cost of block glyphs. */
  readonly bar?: Fill
}

export type Row = readonly Segment[]

/** What the terminal can show. */
export interface Looks {
  /** Only characters every terminal has. */
  readonly ascii: boolean
  readonly color: boolean
}

/** Where and how much a panel may draw. */
export interface Area {
  readonly columns: number
  readonly rows: number
  readonly looks: Looks
  /** The panel the keys act on. */
  readonly isFocused: boolean
}

export interface CellStyle {
  readonly color?: Tone
  readonly bold?: boolean
  readonly align?: 'left' | 'right'
  /** Where a text that is too long loses its letters: names in the middle, sentences at the end. */
  readonly cut?: 'middle' | 'end'
}

/** A text of exactly `width` cells. */
export function cell(text: string, width: number, style: CellStyle = {}): Segment {
  const { align = 'left', cut = 'end', color, bold } = style
  const fitted = cut === 'end' ? cutEnd(text, width) : cutMiddle(text, width)
  const gap = ' '.repeat(Math.max(0, width - cellWidth(fitted)))
  return {
    text: align === 'left' ? fitted + gap : gap + fitted,
    ...(color === undefined ? {} : { color }),
    ...(bold === undefined ? {} : { bold }),
  }
}

/** Blank cells. */
export const gap = (width: number): Segment => ({ text: ' '.repeat(Math.max(0, width)) })

export function rowWidth(row: Row): number {
  let width = 0
  for (const { text } of row) width += cellWidth(text)
  return width
}

/** The row cut to `width` cells, so that no panel can ever push another one around. */
export function fitRow(row: Row, width: number): Row {
  let room = width
  const fitted: Segment[] = []
  for (const segment of row) {
    if (room <= 0) break
    const size = cellWidth(segment.text)
    fitted.push(size <= room ? segment : { ...segment, text: cutEnd(segment.text, room) })
    room -= size
  }
  return fitted
}

/** `left` and `right` at the two ends of a row; `left` gives way. */
export function spread(left: Row, right: Row, width: number): Row {
  const room = width - rowWidth(right)
  if (room <= 0) return fitRow(right, width)
  const fitted = fitRow(left, room)
  return [...fitted, gap(room - rowWidth(fitted)), ...right]
}

/** As many of the groups as fit into `width` cells, each whole or not at all. */
export function wholeOnly(groups: readonly Row[], width: number): Row {
  const row: Segment[] = []
  let room = width
  for (const group of groups) {
    const size = rowWidth(group)
    if (size > room) continue
    row.push(...group)
    room -= size
  }
  return row
}
