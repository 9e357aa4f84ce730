/** What all panels share: the title line, the window of a list that is longer than its place, the final cut. */
import { toAscii } from './fit.ts'
import { type Area, fitRow, type Row, rowWidth, type Segment } from './row.ts'

interface TitleOptions {
  readonly area: Area
  /** At the right end, such as `1-12 of 32`. */
  readonly note?: string
}

/** `─ Threads ──────────── 1-12 of 32 ─`. The panel the keys act on has a mark and a colour. */
export function titleRow(title: string, { area, note }: TitleOptions): Row {
  const start: Segment[] = [
    { text: '─', color: 'dim' },
    area.isFocused ? { text: `▸${title} `, color: 'selected', bold: true } : { text: ` ${title} `, bold: true },
  ]
  const end = note === undefined || note === '' ? '' : ` ${note} `
  const line = area.columns - rowWidth(start) - end.length - (end === '' ? 0 : 1)
  if (line < 1) return fitRow(start, area.columns)
  const tail: Segment[] =
    end === ''
      ? []
      : [
          { text: end, color: 'dim' },
          { text: '─', color: 'dim' },
        ]
  return [...start, { text: '─'.repeat(line), color: 'dim' }, ...tail]
}

/** Exactly `area.rows` rows of at most `area.columns` cells. */
export function finish(rows: readonly Row[], area: Area): readonly Row[] {
  const finished: Row[] = []
  for (let place = 0; place < area.rows; place++) {
    const row = fitRow(rows[place] ?? [], area.columns)
    finished.push(area.looks.ascii ? row.map((part) => ({ ...part, text: toAscii(part.text) })) : row)
  }
  return finished
}

export interface Window {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  /** `1-12 of 32`; empty where everything is seen. */
  readonly note: string
}

/** Which part of a list is seen when `place` has to be: it stays in the middle, as far as the ends allow. */
export function windowAround(place: number, total: number, room: number): Window {
  const size = Math.max(0, Math.min(room, total))
  const from = Math.max(0, Math.min(total - size, place - Math.floor(size / 2)))
  return windowFrom(from, total, room)
}

/** Which part of a list is seen from `from` on. */
export function windowFrom(from: number, total: number, room: number): Window {
  const size = Math.max(0, Math.min(room, total))
  const start = Math.max(0, Math.min(total - size, from))
  const note = size >= total ? '' : size === 0 ? `${total}` : `${start + 1}-${start + size} of ${total}`
  return { from: start, to: start + size, note }
}
