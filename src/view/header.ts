/** Header: which run, how far, how long, what went wrong. Two or three rows. */
import type { Head, RunSnapshot } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import { bar } from './bar.ts'
import {
  countOf,
  elapsedOf,
  formatAbout,
  formatBytes,
  formatClock,
  formatCount,
  formatPercent,
  formatRate,
} from './format.ts'
import { finish } from './panel.ts'
import { type Area, cell, fitRow, gap, type Row, rowWidth, type Segment, spread, type Tone } from './row.ts'

export interface HeaderInput {
  readonly snapshot: RunSnapshot
  readonly now: WallTime
  readonly area: Area
  /** The other side went away without an end of the run. */
  readonly isLost: boolean
}

export function headerRows(input: HeaderInput): readonly Row[] {
  const { area } = input
  const rows = area.rows >= 3 ? wideRows(input) : narrowRows(input)
  return finish(rows, area)
}

function wideRows(input: HeaderInput): Row[] {
  const { snapshot, now, area } = input
  const { head } = snapshot
  const right = [...clockOf(head, now), ...etaOf(head, 30), gap(3), ...countsOf(head), gap(1)]
  return [
    spread([gap(1), { text: 'batchtop', bold: true }, gap(2), ...nameOf(input, true)], right, area.columns),
    totalRow(head, area),
    spread([gap(1), ...phaseOf(snapshot)], [...checkpointOf(snapshot, now), gap(1)], area.columns),
  ]
}

function narrowRows(input: HeaderInput): Row[] {
  const { snapshot, now, area } = input
  const { head } = snapshot
  const right: Row = [...clockOf(head, now), gap(2), ...countsOf(head), gap(1)]
  const percent = cell(percentOf(head), 5, { align: 'right', bold: true })
  const rate = formatRate(head.rate)
  const facts: Segment[] = [
    gap(2),
    percent,
    ...(rate === undefined ? [] : [gap(2), { text: rate }]),
    ...etaOf(head, 0),
    ...after(2, phaseOf(snapshot)),
  ]
  const width = Math.max(12, Math.floor(area.columns * 0.3))
  return [
    spread([gap(1), ...nameOf(input, area.columns >= 70)], right, area.columns),
    fitRow(
      [gap(1), ...bar(shareOf(head), { width, looks: area.looks, fill: fillOf(head) }), ...facts],
      area.columns - 1,
    ),
  ]
}

const after = (width: number, row: Row): Row => (row.length === 0 ? [] : [gap(width), ...row])

/** Items in a final state. */
export const doneOf = (head: Head): number => head.succeeded + head.failed + head.skipped

const shareOf = (head: Head): number => (head.total > 0 ? doneOf(head) / head.total : 0)

const percentOf = (head: Head): string => formatPercent(doneOf(head), head.total) ?? '-'

const fillOf = (head: Head): 'running' | 'waiting' =>
  head.state === 'running' || head.state === 'ended' ? 'running' : 'waiting'

function totalRow(head: Head, area: Area): Row {
  const facts: Row = [
    gap(1),
    cell(percentOf(head), 5, { align: 'right', bold: true }),
    gap(2),
    cell(formatRate(head.rate) ?? '', 9, { align: 'right' }),
    gap(1),
  ]
  const width = area.columns - rowWidth(facts) - 5
  return [{ text: ' all ' }, ...bar(shareOf(head), { width, looks: area.looks, fill: fillOf(head) }), ...facts]
}

function nameOf({ snapshot: { head }, isLost, area }: HeaderInput, isLong: boolean): Row {
  const [word, color] = stateOf(head, isLost)
  const room = isLong ? Math.max(12, area.columns - 88) : 12
  return [
    {
      ...cell(head.plan, room, { cut: 'middle' }),
      text: cell(head.plan, room, { cut: 'middle' }).text.trimEnd(),
      bold: true,
    },
    { text: isLong && area.columns >= 100 ? ` · run ${head.run} · ` : ` · ${head.run} · `, color: 'dim' },
    { text: word, color, bold: true },
  ]
}

/** The state in a word, and its tone. */
function stateOf(head: Head, isLost: boolean): readonly [string, Tone] {
  if (isLost) return ['LOST', 'failed']
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
  if (eta === undefined || head.state === 'ended' || !(eta.p50 > 0)) return width > 0 ? [gap(width)] : []
  const text = `ETA ${formatAbout(eta.p50)}`
  if (width === 0) return [gap(2), { text }]
  const late = eta.p90 > eta.p50 ? ` (p90 ${formatAbout(eta.p90)})` : ''
  return [cell(text + late, width, { align: 'right' })]
}

function countsOf(head: Head): Row {
  const total = formatCount(head.total)
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
  return [{ text: `phase ${first.place + 1} of ${phases.length}` }, gap(2), { text: title, bold: true }]
}

function checkpointOf({ events }: RunSnapshot, now: WallTime): Row {
  const last = events.findLast((entry) => entry.event.type === 'checkpoint.written')
  if (last?.event.type !== 'checkpoint.written') return []
  const age = Math.max(0, now - last.at)
  const when = age < 60_000 ? 'just now' : `${formatAbout(age)} ago`
  return [{ text: `checkpoint ${when}, ${formatBytes(last.event.bytes)}`, color: 'dim' }]
}
