/** Timeline: which batch ran on which thread when. What is past is solid, what runs has its own colour. */
import type { RunSnapshot, Span } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import { cellWidth, clean } from './fit.ts'
import { elapsedOf, formatClock } from './format.ts'
import { finish, titleRow, windowAround } from './panel.ts'
import { type Area, cell, type Fill, gap, type Row, type Segment } from './row.ts'
import { legendOf, type Mark, marksOf, withMarks } from './timeline-marks.ts'

export interface TimelineInput {
  readonly snapshot: RunSnapshot
  readonly now: WallTime
  readonly area: Area
  /** Number of the selected thread. */
  readonly selected: number
}

/** A wall time as a place on the axis. */
interface Axis {
  readonly start: WallTime
  /** Milliseconds in one cell. */
  readonly cell: number
  readonly width: number
  /** Where `now` stands. */
  readonly nowAt: number
  /** True: the run is over, and `now` is its end. */
  readonly isOver: boolean
}

const SECOND = 1000
const MINUTE = 60_000
const HOUR = 3_600_000
/** Times between two labels that people can count in. */
const labelSteps = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 4, 8, 12, 24, 48, 120, 240, 480, 1200].map((count) => count * HOUR),
]
const labelStep = (least: number): number => labelSteps.find((step) => step >= least) ?? least

/** A cell grows by a fifth at a time: rarely enough to be calm, often enough to use the room. */
const cellFor = (least: number): number => 100 * 1.2 ** Math.max(0, Math.ceil(Math.log(least / 100) / Math.log(1.2)))

export function timelineRows({ snapshot, now, area, selected }: TimelineInput): readonly Row[] {
  const { threads } = snapshot
  const place = Math.max(
    0,
    threads.findIndex((thread) => thread.thread === selected),
  )
  const seen = windowAround(place, threads.length, area.rows - 2)
  const digits = String(threads.at(-1)?.thread ?? 1).length
  const axis = axisOf(snapshot, now, area.columns - digits - 6)
  const context = { axis, snapshot, area }
  const marks = marksOf(snapshot)
  const rows = threads.slice(seen.from, seen.to).map(({ thread }): Row => {
    const mark = thread === selected ? ({ color: 'selected', bold: true } as const) : {}
    const start: Row = [
      { text: thread === selected ? ' ▸ ' : '   ', ...mark },
      cell(String(thread), digits, { align: 'right', ...mark }),
      gap(2),
    ]
    const spans = snapshot.spans.filter((span) => span.thread === thread)
    const own = marks.filter((one) => one.thread === thread)
    return start.concat(withMarks(spanCells(spans, context), cellsOf(own, axis)))
  })
  const note = [legendOf(marks), seen.note].filter((text) => text !== '').join(' · ')
  return finish([titleRow('Timeline', { area, note }), axisRow(axis, digits), ...rows], area)
}

function cellsOf(marks: readonly Mark[], axis: Axis): ReadonlyMap<number, string> {
  const cells = marks.map(({ at, glyph }) => [Math.floor((at - axis.start) / axis.cell), glyph] as const)
  return new Map(cells.filter(([at]) => at >= 0 && at < axis.nowAt))
}

/** The scale changes only when the time outgrows it, so that bars stand still and `now` moves. */
function axisOf({ head }: RunSnapshot, now: WallTime, width: number): Axis {
  const isOver = head.state === 'ended' || head.state === 'interrupted'
  const end = isOver ? ((head.startedAt + elapsedOf(head.clock, now)) as WallTime) : now
  const past = Math.max(1, end - head.startedAt)
  const size = cellFor(past / Math.max(1, width - 4))
  return { start: head.startedAt, cell: size, width, nowAt: Math.min(width - 1, Math.floor(past / size)), isOver }
}

function axisRow(axis: Axis, digits: number): Row {
  const step = labelStep(axis.cell * 11)
  const hasSeconds = step < MINUTE
  const letters: string[] = Array.from<string>({ length: axis.width }).fill(' ')
  for (let time = 0; time / axis.cell < axis.width; time += step) {
    const clock = formatClock(time)
    put(letters, Math.round(time / axis.cell), hasSeconds ? clock.slice(3) : clock.slice(0, -3))
  }
  // `now` wins over a label it would touch.
  for (let at = axis.nowAt - 6; at <= axis.nowAt + 4; at++) if (at >= 0 && at < axis.width) letters[at] = ' '
  const text = letters.join('')
  const at = Math.min(axis.nowAt, axis.width - 3)
  return [
    gap(digits + 5),
    { text: brokenLabels(text.slice(0, at)), color: 'dim' },
    { text: axis.isOver ? 'end' : 'now', bold: true },
    { text: brokenLabels(text.slice(at + 3)), color: 'dim' },
  ]
}

/** Blanks labels that lost a part. */
const brokenLabels = (text: string): string =>
  text.replace(/\S+/g, (word) => (/^\d+:\d\d$/.test(word) && word.length >= 5 ? word : ' '.repeat(word.length)))

function put(letters: string[], at: number, word: string): void {
  if (at + word.length > letters.length) return
  for (let place = 0; place < word.length; place++) letters[at + place] = word[place] ?? ' '
}

interface SpanContext {
  readonly axis: Axis
  readonly snapshot: RunSnapshot
  readonly area: Area
}

function spanCells(spans: readonly Span[], { axis, snapshot, area }: SpanContext): Row {
  const cells = new Map<number, { readonly span: Span; readonly to: number }>()
  for (const span of spans) {
    const from = Math.max(0, Math.floor((span.from - axis.start) / axis.cell))
    const end = span.to === undefined ? axis.nowAt : Math.ceil((span.to - axis.start) / axis.cell)
    const to = Math.min(axis.nowAt, Math.max(from + 1, end))
    if (from < to) cells.set(from, { span, to })
  }
  const row: Segment[] = []
  let at = 0
  const starts = [...cells.keys()].toSorted((a, b) => a - b)
  starts.forEach((from, place) => {
    const entry = cells.get(from)
    if (entry === undefined || from < at) return
    const next = starts[place + 1] ?? axis.width
    const to = Math.min(entry.to, next)
    // A blank keeps two neighbours apart.
    const length = to === next && to - from > 1 ? to - from - 1 : to - from
    const id = snapshot.batches[entry.span.batch]?.id ?? ''
    row.push(gap(from - at), ...solid(id, length, entry.span.to === undefined ? 'running' : 'past', area))
    at = from + length
  })
  if (at < axis.nowAt) row.push(gap(axis.nowAt - at))
  return [...row, { text: '│', color: 'dim' }]
}

function solid(id: string, length: number, fill: Fill, { looks }: Area): Row {
  const isText = looks.ascii || !looks.color
  const blank = isText ? (fill === 'running' ? '#' : '=') : ' '
  const name = clean(id)
  const size = cellWidth(name)
  const room = length - size
  const left = Math.floor(room / 2)
  const text = room < 2 ? blank.repeat(length) : blank.repeat(left) + name + blank.repeat(room - left)
  return isText ? [{ text }] : [{ text, bar: fill }]
}
