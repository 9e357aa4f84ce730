/** Threads: one row each, in the order of their numbers. What it runs, how far, how long against the usual, how much memory. */
import type { BatchView, RunSnapshot, ThreadStateWord, ThreadView } from '../model/snapshot.ts'
import { bytes, type WallTime } from '../model/units.ts'
import { bar } from './bar.ts'
import { cellWidth, clean } from './fit.ts'
import {
  amountIn,
  type ByteUnit,
  elapsedOf,
  formatAbout,
  formatMeasured,
  formatPercent,
  formatRoundBytes,
  formatShort,
  unitOf,
} from './format.ts'
import { finish, titleRow, windowAround } from './panel.ts'
import { type Area, cell, gap, type Row, rowWidth, type Tone } from './row.ts'
import {
  AMOUNT_WIDTH,
  CPU_WIDTH,
  PERCENT_WIDTH,
  spanWidth,
  type ThreadColumns,
  threadColumns,
  timeWidth,
} from './thread-columns.ts'

export interface ThreadsInput {
  readonly snapshot: RunSnapshot
  readonly now: WallTime
  readonly area: Area
  /** Number of the selected thread. */
  readonly selected: number
}

export function threadsRows({ snapshot, now, area, selected }: ThreadsInput): readonly Row[] {
  const { threads } = snapshot
  const place = Math.max(
    0,
    threads.findIndex((thread) => thread.thread === selected),
  )
  const seen = windowAround(place, threads.length, area.rows - 2)
  const widths = widthsOf(snapshot, area)
  const rows = threads.slice(seen.from, seen.to).map((thread) =>
    threadRow({
      thread,
      batch: thread.batch === undefined ? undefined : snapshot.batches[thread.batch],
      isSelected: thread.thread === selected,
      unit: snapshot.memory.isKnown ? unitFor(threads) : undefined,
      widths,
      now,
      area,
    }),
  )
  return finish([titleRow('Threads', { area, note: seen.note }), headingRow(threads, widths), ...rows], area)
}

function widthsOf({ threads, batches }: RunSnapshot, area: Area): ThreadColumns {
  const digits = String(threads.at(-1)?.thread ?? 1).length
  const ids = Math.max(5, ...batches.map((batch) => cellWidth(batch.id)))
  const titles = Math.max(5, ...batches.map((batch) => cellWidth(batchLabel(batch))))
  return threadColumns({ columns: area.columns, digits, ids, titles })
}

/** `3.1 Gamification`. */
export const batchLabel = (batch: BatchView): string =>
  batch.title === '' || batch.title === batch.id ? batch.id : `${batch.id} ${batch.title}`

/** What a thread is at: an item, or what undoes it. */
export const workName = ({ item, isUndo }: ThreadView): string =>
  item === undefined ? '' : `${isUndo ? 'undo ' : ''}${item.name}`

/** One unit for all threads: that of the largest. */
export const unitFor = (threads: readonly ThreadView[]): ByteUnit =>
  unitOf(bytes(Math.max(2 ** 20, ...threads.map((thread) => thread.used))))

function headingRow(threads: readonly ThreadView[], widths: ThreadColumns): Row {
  const cap = threads[0]?.cap
  const isSame = cap !== undefined && threads.every((thread) => thread.cap === cap)
  const memory = widths.memoryBar > 0 && isSame ? `memory of ${formatRoundBytes(cap)}` : 'memory'
  const memoryWidth = AMOUNT_WIDTH + (widths.memoryBar > 0 ? widths.memoryBar + 1 : 0)
  const dim = { color: 'dim' } as const
  return [
    gap(3),
    cell('#', widths.digits, { ...dim, align: 'right' }),
    gap(1),
    cell('state', widths.state + 1, dim),
    cell('batch', widths.batch + 1, dim),
    cell('item', widths.item + 1, dim),
    widths.bar > 0
      ? cell('progress', widths.bar + PERCENT_WIDTH + 2, dim)
      : cell('done', 6, { ...dim, align: 'right' }),
    ...(widths.bar > 0 ? [] : [gap(1)]),
    cell(widths.hasUsual ? ' time / usual' : ' time', timeWidth(widths.hasUsual) + (widths.bar > 0 ? 1 : 0), dim),
    ...(widths.bar > 0 ? [] : [gap(0)]),
    cell(memory, memoryWidth, { ...dim, align: widths.memoryBar > 0 ? 'left' : 'right' }),
    gap(1),
    cell('cpu', CPU_WIDTH, { ...dim, align: 'right' }),
  ]
}

interface RowInput {
  readonly thread: ThreadView
  readonly batch: BatchView | undefined
  readonly isSelected: boolean
  /** Of the memory column; undefined where nothing was measured yet. */
  readonly unit: ByteUnit | undefined
  readonly widths: ThreadColumns
  readonly now: WallTime
  readonly area: Area
}

function threadRow(input: RowInput): Row {
  const { thread, batch, isSelected, widths } = input
  const [word, color] = wordOf(thread.state)
  const label = batch === undefined ? '' : input.area.columns >= 104 ? batchLabel(batch) : batch.id
  const number = String(thread.thread)
  const mark = isSelected ? ({ color: 'selected', bold: true } as const) : {}
  return [
    { text: isSelected ? ' ▸ ' : '   ', ...mark },
    cell(number, widths.digits, { align: 'right', ...mark }),
    gap(1),
    cell(word, widths.state, { color }),
    gap(1),
    cell(label, widths.batch, { cut: label === batch?.id ? 'middle' : 'end' }),
    gap(1),
    ...workCells(input),
    gap(1),
    ...memoryCells(input),
  ]
}

function wordOf(state: ThreadStateWord): readonly [string, Tone] {
  switch (state) {
    case 'running':
      return ['running', 'running']
    case 'paused':
      return ['PAUSED', 'waiting']
    case 'pausing':
    case 'retry':
    case 'waiting':
    case 'ending':
    case 'replacing':
      return [state, 'waiting']
    case 'starting':
    case 'stopped':
      return [state, 'dim']
    default:
      return [String(state satisfies never), 'failed']
  }
}

/** What stands between batch and memory: progress and time of an item, or why there is none. */
function workCells(input: RowInput): Row {
  const { thread, widths } = input
  const why = whyIdle(input)
  const name = workName(thread)
  if (why === undefined || (thread.state === 'paused' && isRoomFor(name, why, widths)))
    return [...itemCells(input, why), ...progressCells(input)]
  const width = spanWidth(widths)
  if (name === '') return [cell(why, width, { color: 'waiting' })]
  const room = Math.max(4, width - cellWidth(why) - 2)
  const title = cell(name, Math.min(room, cellWidth(clean(name))), { cut: 'middle', ...boldIf(input.isSelected) })
  return [title, gap(2), cell(why, width - rowWidth([title]) - 2, { color: 'waiting' })]
}

const boldIf = (is: boolean): { readonly bold: true; readonly color: 'selected' } | object =>
  is ? ({ bold: true, color: 'selected' } as const) : {}

/** A paused item keeps its bar and time where the reason fits beside its name. */
const isRoomFor = (name: string, why: string, widths: ThreadColumns): boolean =>
  cellWidth(clean(name)) + cellWidth(why) + 2 <= widths.item

/** The reason a thread does not move, in a few words. */
function whyIdle({ thread, now, widths }: RowInput): string | undefined {
  const { item } = thread
  if (thread.state === 'paused' && thread.paused !== undefined) {
    const by = thread.paused.by === 'user' ? 'you' : 'governor'
    const time = formatShort(now - thread.paused.at)
    const ways = [`by ${by} ${time}`, `${by} ${time}`]
    const fits = (room: number) => ways.find((way) => cellWidth(clean(workName(thread))) + cellWidth(way) + 2 <= room)
    return fits(widths.item) ?? fits(spanWidth(widths)) ?? ways[1]
  }
  if (thread.state === 'waiting' || thread.state === 'starting') return whyWaiting(thread, now)
  if (thread.state !== 'retry') return undefined
  const when = thread.retryAt === undefined ? 'soon' : `in ${formatAbout(thread.retryAt - now)}`
  if (item === undefined) return when
  // Attempts that a stop or a crash ended are counted in `attempt` but not in `tries`.
  return item.attempt <= item.tries ? `${item.attempt} of ${item.tries} ${when}` : `again ${when}`
}

/** What only time is missing for says how much. */
function whyWaiting({ why = '', retryAt }: ThreadView, now: WallTime): string {
  return retryAt === undefined || retryAt <= now ? why : `${formatAbout(retryAt - now)} more, ${why}`
}

function itemCells({ thread, widths, isSelected }: RowInput, why: string | undefined): Row {
  const name = workName(thread)
  if (why === undefined) return [cell(name, widths.item, { cut: 'middle', ...boldIf(isSelected) }), gap(1)]
  const title = { text: clean(name), ...boldIf(isSelected) }
  return [title, gap(2), cell(why, widths.item - cellWidth(title.text) - 2, { color: 'waiting' }), gap(1)]
}

function progressCells({ thread, batch, widths, now, area }: RowInput): Row {
  const { fraction, clock } = thread
  const { looks } = area
  const isKnown = fraction !== undefined && Number.isFinite(fraction)
  const fill = thread.state === 'running' ? 'running' : 'waiting'
  // 100 % is for what has ended.
  const percent = isKnown ? (formatPercent(Math.min(fraction, 0.99), 1) ?? '') : ''
  const bars = isKnown ? bar(Math.min(fraction, 0.99), { width: widths.bar, looks, fill }) : [gap(widths.bar)]
  return [
    ...(widths.bar > 0 ? [...bars, gap(1)] : []),
    cell(percent, PERCENT_WIDTH, { align: 'right' }),
    gap(1),
    ...(clock === undefined ? [gap(timeWidth(widths.hasUsual))] : timeCells(elapsedOf(clock, now), batch, widths)),
  ]
}

function timeCells(time: number, batch: BatchView | undefined, { hasUsual }: ThreadColumns): Row {
  const isLate = batch?.p95 !== undefined && time > batch.p95
  const usual = batch?.usual === undefined ? '' : ` / ${formatMeasured(batch.usual).padStart(5)}`
  const text = hasUsual ? `${formatShort(time)}${usual}`.padEnd(13) : formatShort(time)
  const tone = isLate ? ({ color: 'waiting', bold: true } as const) : {}
  return [
    { text, ...tone },
    { text: isLate ? ' !!' : '   ', ...tone },
  ]
}

function memoryCells({ thread, unit, widths, area }: RowInput): Row {
  const { used, cap } = thread
  const isDead = thread.state === 'stopped' || unit === undefined
  const share = cap > 0 ? used / cap : 0
  const amount = unit === undefined || isDead ? '-' : `${amountIn(used, unit)} ${unit}`
  const fill = share > 1 ? 'failed' : share >= 0.95 ? 'waiting' : 'running'
  const bars = isDead ? [gap(widths.memoryBar)] : bar(share, { width: widths.memoryBar, looks: area.looks, fill })
  // Not every sample that was kept has it.
  const cpu = isDead || !Number.isFinite(thread.cpu) ? '-' : `${Math.round(Math.max(0, thread.cpu) * 100)} %`
  return [
    ...(widths.memoryBar > 0 ? [...bars, gap(1)] : []),
    cell(amount, AMOUNT_WIDTH, { align: 'right' }),
    gap(1),
    cell(cpu, CPU_WIDTH, { align: 'right' }),
  ]
}
