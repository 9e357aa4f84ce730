/** Batches: one row each, in the order of the plan. */
import type { BatchView, RunSnapshot } from '../model/snapshot.ts'
import { bar } from './bar.ts'
import { cellWidth } from './fit.ts'
import { formatCount, formatMeasured, formatPercent } from './format.ts'
import { finish, titleRow, type Window, windowAround, windowFrom } from './panel.ts'
import { type Area, cell, gap, type Row, type Tone } from './row.ts'
import { batchLabel } from './threads.ts'
import { batchTotal } from './totals.ts'

export interface BatchesInput {
  readonly snapshot: RunSnapshot
  readonly area: Area
  /** Index of the selected batch; undefined: nobody chose one, and the list follows the work. */
  readonly selected: number | undefined
}

interface Widths {
  readonly label: number
  readonly bar: number
  readonly count: number
}

export function batchesRows({ snapshot, area, selected }: BatchesInput): readonly Row[] {
  const { batches } = snapshot
  const isView = area.rows > 10 || area.rows >= batches.length + 2
  const room = area.rows - (isView ? 2 : 1)
  const seen = windowOf(batches, selected, room)
  const widths = widthsOf(batches, area)
  const rows = batches
    .slice(seen.from, seen.to)
    .map((batch) => batchRow(batch, { widths, area, isView, isSelected: batch.index === selected }))
  const title = titleRow('Batches', { area, note: seen.note })
  return finish(isView ? [title, headingRow(widths), ...rows] : [title, ...rows], area)
}

/** Without a selection the first batch that is not over stands at the top. */
function windowOf(batches: readonly BatchView[], selected: number | undefined, room: number): Window {
  if (selected !== undefined) return windowAround(selected, batches.length, room)
  const first = batches.findIndex((batch) => batch.state !== 'ended')
  return windowFrom(first === -1 ? batches.length : first, batches.length, room)
}

function widthsOf(batches: readonly BatchView[], { columns }: Area): Widths {
  const count = Math.max(3, ...batches.map((batch) => formatCount(batch.total).length))
  const longest = Math.max(8, ...batches.map((batch) => cellWidth(batchLabel(batch))))
  const bars = columns >= 104 ? Math.min(40, 16 + Math.floor((columns - 104) / 4)) : columns >= 72 ? 10 : 0
  const fixed = 3 + 1 + 8 + 1 + (bars > 0 ? bars + 1 : 0) + 6 + (2 * count + 2) + 26
  return { label: Math.max(10, Math.min(longest, columns - fixed)), bar: bars, count }
}

function headingRow({ label, bar: bars, count }: Widths): Row {
  const dim = { color: 'dim' } as const
  return [
    gap(3),
    cell('batch', label + 1, dim),
    cell('state', 9, dim),
    cell(bars > 0 ? 'progress' : '', bars > 0 ? bars + 1 : 0, dim),
    gap(6),
    cell('done', 2 * count + 1, { ...dim, align: 'right' }),
    gap(2),
    cell('usual', 5, { ...dim, align: 'right' }),
  ]
}

interface RowOptions {
  readonly widths: Widths
  readonly area: Area
  /** The view of its own: with heading and usual times. */
  readonly isView: boolean
  readonly isSelected: boolean
}

function batchRow(batch: BatchView, { widths, area, isView, isSelected }: RowOptions): Row {
  const done = batch.succeeded + batch.failed + batch.skipped
  const share = batch.total > 0 ? done / batch.total : 0
  const [word, tone] = wordOf(batch)
  const mark = isSelected ? ({ color: 'selected', bold: true } as const) : {}
  const fill = batch.failed > 0 && batch.state === 'ended' ? 'failed' : batch.state === 'ended' ? 'past' : 'running'
  const dim = batch.state === 'ended' || batch.state === 'waiting' ? ({ color: 'dim' } as const) : {}
  return [
    { text: isSelected ? ' ▸ ' : '   ', ...mark },
    cell(batchLabel(batch), widths.label, { ...dim, ...mark }),
    gap(1),
    cell(word, 8, { color: tone }),
    gap(1),
    ...(widths.bar > 0 ? [...bar(share, { width: widths.bar, looks: area.looks, fill }), gap(1)] : []),
    cell(formatPercent(done, batch.total) ?? '-', 5, { align: 'right' }),
    gap(1),
    cell(`${formatCount(done)}/${batchTotal(batch)}`, 2 * widths.count + 1, { align: 'right' }),
    ...(isView
      ? [
          gap(2),
          cell(batch.usual === undefined ? '' : formatMeasured(batch.usual), 5, { align: 'right', color: 'dim' }),
        ]
      : []),
    gap(2),
    ...remarks(batch),
  ]
}

function wordOf(batch: BatchView): readonly [string, Tone] {
  switch (batch.state) {
    case 'running':
      return ['running', 'running']
    case 'paused':
      return ['PAUSED', 'waiting']
    case 'left':
      return ['left', 'waiting']
    case 'waiting':
    case 'ready':
      return [batch.state, 'dim']
    case 'ended':
      return batch.failed > 0
        ? ['failed', 'failed']
        : batch.isUnlisted || (batch.skipped === batch.total && batch.total > 0)
          ? ['skipped', 'waiting']
          : ['done', 'dim']
    default:
      return [String(batch.state satisfies never), 'failed']
  }
}

/** What is worth a word: failures, retries, what it waits for. */
function remarks(batch: BatchView): Row {
  if (batch.state === 'waiting' && batch.needs.length > 0)
    return [{ text: `needs ${batch.needs.join(', ')}`, color: 'waiting' }]
  if (batch.breaker) return [{ text: 'breaker open', color: 'waiting' }]
  if (batch.isUnlisted && batch.state !== 'ended') return [{ text: 'not listed yet', color: 'dim' }]
  const words: { text: string; color: Tone }[] = []
  if (batch.failed > 0) words.push({ text: `${formatCount(batch.failed)} failed`, color: 'failed' })
  if (batch.toUndo) words.push({ text: `${formatCount(batch.toUndo)} to undo`, color: 'waiting' })
  if (batch.waiting > 0) words.push({ text: `${formatCount(batch.waiting)} retry`, color: 'waiting' })
  if (batch.skipped > 0) words.push({ text: `${formatCount(batch.skipped)} skipped`, color: 'waiting' })
  return words.flatMap((word, place) => (place === 0 ? [word] : [gap(2), word]))
}
