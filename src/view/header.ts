/** Header: which run, how far, how long, what went wrong. Two or three rows. */
import type { Head, RunSnapshot, Trouble } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import { bar } from './bar.ts'
import { standsForMemory } from './budget.ts'
import { cellWidth, clean, cutEnd, cutMiddle } from './fit.ts'
import {
  countOf,
  elapsedOf,
  formatAbout,
  formatBytes,
  formatClock,
  formatCount,
  formatRate,
  formatShort,
} from './format.ts'
import { finish } from './panel.ts'
import { type Area, cell, gap, type Row, rowWidth, type Segment, spread, type Tone, wholeOnly } from './row.ts'
import { doneOf, percentOf, shareOf, totalText } from './totals.ts'

export interface HeaderInput {
  readonly snapshot: RunSnapshot
  readonly now: WallTime
  readonly area: Area
  /** The other side went away without an end of the run. */
  readonly isLost: boolean
  /** How a replay stands. */
  readonly replay?: Replay | undefined
}

export interface Replay {
  readonly speed: number
  readonly isPaused: boolean
  readonly isOver: boolean
}

/** The last row is that of the trouble, where there is any. */
export function headerRows(input: HeaderInput): readonly Row[] {
  const { area, snapshot, now } = input
  const { trouble } = snapshot.head
  const rest = { ...area, rows: area.rows - (trouble === undefined ? 0 : 1) }
  const isWide = rest.rows >= 3 || (area.columns >= 100 && snapshot.phases.length === 0)
  const rows = isWide ? wideRows({ ...input, area: rest }) : narrowRows({ ...input, area: rest })
  if (trouble === undefined) return finish(rows, rest)
  return [...finish(rows, rest), ...finish([troubleRow(trouble, now, area)], { ...area, rows: 1 })]
}

function wideRows(input: HeaderInput): Row[] {
  const { snapshot, now, area, replay } = input
  const { head } = snapshot
  const title = replay === undefined ? { text: 'batchtop' } : replayOf(replay)
  const right = [
    ...clockOf(head, now),
    ...etaOf(head, area.columns >= 120 ? 30 : 18),
    gap(3),
    ...countsOf(head),
    gap(1),
  ]
  return [
    spread(
      [gap(1), title, gap(2), ...nameOf(input, area.columns - rowWidth(right) - cellWidth(title.text) - 5)],
      right,
      area.columns,
    ),
    totalRow(head, area),
    spread(
      phaseOf(snapshot).flatMap((segment) => [gap(segment.bold ? 2 : 1), segment]),
      [...checkpointOf(snapshot, now), gap(1)],
      area.columns,
    ),
  ]
}

function narrowRows(input: HeaderInput): Row[] {
  const { snapshot, now, area, replay } = input
  const { head } = snapshot
  const right: Row = [...clockOf(head, now), gap(2), ...countsOf(head), gap(1)]
  const width = Math.max(12, Math.floor(area.columns * 0.3))
  const [phase, title] = phaseOf(snapshot)
  const rate = formatRate(head.rate)
  const facts: Row[] = [
    [gap(2), cell(percentOf(head) ?? '-', 5, { align: 'right', bold: true })],
    after(replay && replayOf(replay)),
    etaOf(head, 0),
    rate === undefined || head.state === 'ended' ? [] : [gap(2), { text: rate }],
    after(phase),
    after(title),
  ]
  const gauge = bar(shareOf(head), { width, looks: area.looks, fill: fillOf(head) })
  const left = nameOf(input, area.columns - rowWidth(right) - 3)
  return [
    spread([gap(1), ...left], right, area.columns),
    [gap(1), ...gauge, ...wholeOnly(facts, area.columns - width - 2)],
  ]
}

const after = (segment: Segment | undefined): Row => (segment === undefined ? [] : [gap(2), segment])

/** `REPLAY 10x`: whatever else is seen is of another time. */
function replayOf({ speed, isPaused, isOver }: Replay): Segment {
  const how = isOver ? 'end' : isPaused ? `paused ${speed}x` : `${speed}x`
  return { text: `REPLAY ${how}`, color: 'selected', bold: true }
}

/** The disk takes nothing: the longest way to say so that fits. */
function troubleRow({ message, since, events }: Trouble, now: WallTime, { columns }: Area): Row {
  const what = ` DISK: ${clean(message)}`
  const kept = countOf(events, 'event')
  const ways = [
    `${what} for ${formatShort(now - since)}, nothing starts, ${kept} kept in memory until it takes them`,
    `${what} for ${formatShort(now - since)}, nothing starts, ${kept} kept in memory`,
    `${what}, nothing starts, ${kept} in memory`,
    `${what}, nothing starts`,
    ` DISK: nothing starts, ${kept} in memory, ${clean(message)}`,
  ]
  const text = ways.find((way) => cellWidth(way) < columns) ?? ways.at(-1) ?? ''
  return [{ text: cutEnd(text, columns - 1), color: 'failed', bold: true }]
}

const fillOf = (head: Head): 'running' | 'waiting' =>
  head.state === 'running' || head.state === 'ended' ? 'running' : 'waiting'

function totalRow(head: Head, area: Area): Row {
  const facts: Row = [
    gap(1),
    cell(percentOf(head) ?? '-', 5, { align: 'right', bold: true }),
    gap(2),
    cell(head.state === 'ended' ? '' : (formatRate(head.rate) ?? ''), 9, { align: 'right' }),
    gap(1),
  ]
  const width = area.columns - rowWidth(facts) - 5
  return [{ text: ' all ' }, ...bar(shareOf(head), { width, looks: area.looks, fill: fillOf(head) }), ...facts]
}

/** Plan, run and state in `width` cells: the name of the plan gives way, then the run goes. */
function nameOf({ snapshot, isLost, area }: HeaderInput, width: number): Row {
  const { head } = snapshot
  const [word, color] = stateOf(snapshot, isLost)
  const run = area.columns >= 100 ? ` · run ${head.run}` : ` · ${head.run}`
  const rest = width - word.length - 3
  const least = Math.min(16, cellWidth(clean(head.plan)))
  // A run that was recovered says so where nothing has to give way to it.
  const facts = [run + (head.epoch > 1 ? ` · epoch ${head.epoch}` : ''), run]
  const fact =
    facts.find((text, place) => rest - text.length >= (place === 0 ? cellWidth(clean(head.plan)) : least)) ?? ''
  return [
    { text: cutMiddle(head.plan, Math.max(4, rest - fact.length)), bold: true },
    { text: `${fact} · `, color: 'dim' },
    { text: word, color, bold: true },
  ]
}

/** The state in a word, and its tone. */
function stateOf(snapshot: RunSnapshot, isLost: boolean): readonly [string, Tone] {
  const { head } = snapshot
  if (isLost) return ['LOST', 'failed']
  if (standsForMemory(snapshot)) return ['WAITS FOR MEMORY', 'waiting']
  switch (head.state) {
    case 'running':
      return ['RUNNING', 'running']
    case 'draining':
      return ['DRAINING', 'waiting']
    case 'paused':
      return ['PAUSED', 'waiting']
    case 'interrupted':
      return ['INTERRUPTED', 'failed']
    case 'ended':
      return endOf(head)
    default:
      return [String(head.state satisfies never), 'failed']
  }
}

function endOf(head: Head): readonly [string, Tone] {
  if (head.outcome === 'failed') return ['FAILED', 'failed']
  return head.outcome === 'stopped' ? ['STOPPED', 'waiting'] : ['SUCCEEDED', 'running']
}

const clockOf = (head: Head, now: WallTime): Row => [{ text: formatClock(elapsedOf(head.clock, now)) }]

/** What is left to do; nothing where nobody could say. `width` keeps what stands before it in its place. */
function etaOf(head: Head, width: number): Row {
  const { eta } = head
  // While nothing starts, nobody can say.
  const isKnown = eta !== undefined && eta.p50 > 0 && head.state !== 'ended' && head.trouble === undefined
  if (!isKnown) return width > 0 ? [gap(width)] : []
  const text = `ETA ${formatAbout(eta.p50)}`
  if (width === 0) return [gap(2), { text }]
  const late = width >= 30 && eta.p90 > eta.p50 ? ` (p90 ${formatAbout(eta.p90)})` : ''
  return [cell(text + late, width, { align: 'right' })]
}

function countsOf(head: Head): Row {
  const total = totalText(head)
  return [
    { text: `${formatCount(doneOf(head)).padStart(total.length)}/${total} done` },
    gap(2),
    { text: `${formatCount(head.failed)} failed`, color: head.failed > 0 ? 'failed' : 'dim' },
  ]
}

/** `phase 3 of 5  Engagement`. */
function phaseOf({ phases, head }: RunSnapshot): Row {
  if (phases.length === 0) return []
  const running = phases.flatMap((phase, place) => (phase.state === 'running' ? [{ phase, place }] : []))
  const first = running[0]
  if (first === undefined || head.state === 'ended') return [{ text: countOf(phases.length, 'phase'), color: 'dim' }]
  if (running.length > 1) return [{ text: `${running.length} of ${phases.length} phases run` }]
  const title = first.phase.title || first.phase.id
  return [{ text: `phase ${first.place + 1} of ${phases.length}` }, { text: title, bold: true }]
}

function checkpointOf({ events }: RunSnapshot, now: WallTime): Row {
  const last = events.findLast((entry) => entry.event.type === 'checkpoint.written')
  if (last?.event.type !== 'checkpoint.written') return []
  const age = Math.max(0, now - last.at)
  const when = age < 60_000 ? 'just now' : `${formatAbout(age)} ago`
  return [{ text: `checkpoint ${when}, ${formatBytes(last.event.bytes)}`, color: 'dim' }]
}
