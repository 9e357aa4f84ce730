/** Bars and sparklines. */
import type { Fill, Looks, Row, Segment } from './row.ts'

interface BarOptions {
  readonly width: number
  readonly looks: Looks
  readonly fill?: Fill
  /** 0..1: a place to be marked, such as where a reserve begins. */
  readonly mark?: number
}

/**
 * A bar of exactly `width` cells: background-coloured spaces, or `[####------]` where there are no colours. It is full
 * only when the share is, and empty only when nothing is done.
 */
export function bar(share: number, options: BarOptions): Row {
  const { width, looks, fill = 'running', mark } = options
  if (width < 3) return []
  const isText = looks.ascii || !looks.color
  const cells = isText ? width - 2 : width
  const full = fullCells(share, cells)
  const place = mark === undefined ? -1 : Math.min(cells - 1, Math.round(mark * cells))
  if (isText) return [{ text: `[${withMark('#'.repeat(full) + '-'.repeat(cells - full), place)}]` }]
  const glyphs = withMark(' '.repeat(cells), place)
  const parts: Segment[] = [
    { text: glyphs.slice(0, full), bar: fill },
    { text: glyphs.slice(full), bar: 'track' },
  ]
  return parts.filter((part) => part.text !== '')
}

function fullCells(share: number, cells: number): number {
  if (!(share > 0)) return 0
  return share >= 1 ? cells : Math.min(cells - 1, Math.max(1, Math.round(share * cells)))
}

const withMark = (text: string, place: number): string =>
  place < 0 ? text : `${text.slice(0, place)}│${text.slice(place + 1)}`

const steps = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

/** The last `width` values as a line of blocks between nothing and `most`. */
export function sparkline(values: readonly number[], most: number, width: number): string {
  return values
    .slice(-Math.max(0, width))
    .map((value) => steps[Math.min(7, Math.max(0, Math.floor((value / Math.max(1, most)) * 8)))] ?? ' ')
    .join('')
}
