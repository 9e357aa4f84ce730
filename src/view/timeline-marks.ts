/** What the governor did to a thread, as marks in its row of the timeline: of the last actions only, older ones are no longer known. */
import type { GovernorStage } from '../model/event.ts'
import type { RunSnapshot } from '../model/snapshot.ts'
import { cellWidth } from './fit.ts'
import type { Row } from './row.ts'

/** What went on without a break needs no mark. */
const GLYPHS: Readonly<Partial<Record<GovernorStage, string>>> = { pause: '!', requeue: 'x', kill: 'x' }

const LEGEND: Readonly<Record<string, string>> = { '!': '! held', x: 'x ended' }

export interface Mark {
  readonly thread: number
  readonly at: number
  readonly glyph: string
}

export function marksOf({ events, memory }: RunSnapshot): readonly Mark[] {
  const known = new Map([...events, ...memory.acted].map((view) => [view.seq, view]))
  return [...known.values()].flatMap(({ at, event }) => {
    if (event.type !== 'governor.acted' || event.thread === undefined) return []
    const glyph = GLYPHS[event.stage]
    return glyph === undefined ? [] : [{ thread: event.thread, at, glyph }]
  })
}

/** What the marks that are there mean; empty where there are none. */
export function legendOf(marks: readonly Mark[]): string {
  const glyphs = [...new Set(marks.map(({ glyph }) => glyph))].toSorted()
  return glyphs.length === 0 ? '' : `${glyphs.map((glyph) => LEGEND[glyph]).join(', ')} by the governor`
}

/** @param glyphs by cell of the row */
export function withMarks(row: Row, glyphs: ReadonlyMap<number, string>): Row {
  if (glyphs.size === 0) return row
  let from = 0
  return row.map((segment) => {
    const start = from
    from += cellWidth(segment.text)
    // A name of wide letters would lose its place.
    if (from - start !== segment.text.length) return segment
    let { text } = segment
    for (const [at, glyph] of glyphs) {
      if (at >= start && at < from) text = text.slice(0, at - start) + glyph + text.slice(at - start + 1)
    }
    return { ...segment, text }
  })
}
