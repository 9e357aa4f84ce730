/** Memory with all the room there is: bars, what backs the caps, thread by thread what its memory is made of, and what the governor did. */
import type { MemoryView, RunSnapshot, ThreadView } from '../model/snapshot.ts'
import { type Bytes, bytes } from '../model/units.ts'
import { bar } from './bar.ts'
import { actOf, backingOf, othersOf } from './budget.ts'
import { type ByteUnit, formatBytes, formatPercent, formatRoundBytes } from './format.ts'
import { gaugeRow, gaugesOf, historyOf, reserveOf } from './gauges.ts'
import { governorRows } from './governor.ts'
import { finish, titleRow, windowAround } from './panel.ts'
import { type Area, cell, gap, type Row, type Segment, wholeOnly } from './row.ts'
import { partsKnown } from './thread-memory.ts'
import { unitFor } from './threads.ts'

export interface MemoryInput {
  readonly snapshot: RunSnapshot
  readonly area: Area
  /** Number of the selected thread, for the long form. */
  readonly selected: number
}

const WIDEST = 120

/** Title, two bars, three lines of facts. */
const HEAD_ROWS = 6
/** Below so many rows nothing may be blank. */
const AIRY_FROM = 20
/** Threads and actions that are seen however little room there is. */
const LEAST_THREADS = 3
const LEAST_ACTS = 2

/** From this share of its cap on a thread is about to be held. */
const NEAR_CAP = 0.95

export function memoryView({ snapshot, area, selected }: MemoryInput): readonly Row[] {
  const width = Math.min(area.columns - 1, WIDEST)
  const { memory, threads } = snapshot
  const bars = gaugesOf(memory).map((gauge) => gaugeRow(gauge, width, area))
  // Besides a heading over the threads and a title below them.
  const blank: readonly Row[] = area.rows >= AIRY_FROM ? [[]] : []
  const room = area.rows - HEAD_ROWS - 2 - 2 * blank.length
  const threadRoom = Math.min(
    threads.length,
    Math.max(LEAST_THREADS, room - Math.max(LEAST_ACTS, Math.floor(room / 3))),
  )
  const place = Math.max(
    0,
    threads.findIndex((thread) => thread.thread === selected),
  )
  const seen = windowAround(place, threads.length, threadRoom)
  const table = threadTable(threads, { from: seen.from, to: seen.to, selected, width, area })
  const acts = governorRows(snapshot, { ...area, rows: Math.max(1, room - threadRoom + 1), isFocused: false })
  const title = titleRow('Memory', { area, note: seen.note })
  return finish([title, ...bars, ...factRows(memory, width), ...blank, ...table, ...blank, ...acts], area)
}

const dim = (text: string): Row => [gap(3), { text, color: 'dim' }]

function factRows(memory: MemoryView, width: number): readonly Row[] {
  const { history, used, system } = memory
  const peak = history.length === 0 ? used : bytes(Math.max(...history))
  const others = othersOf(memory)
  const { pressure } = system
  return [
    wholeOnly(
      [
        [{ text: ' reserve ' }, { text: reserveOf(memory) }],
        others === '' ? [] : [gap(2), { text: others, color: 'waiting' }],
        dim(`act at ${formatPercent(actOf(memory), 1)} of the budget │`),
        pressure === undefined ? [] : dim(`pressure ${(pressure * 100).toFixed(1)} %`),
      ],
      width,
    ),
    capsRow(memory, width),
    [{ text: ' 5 min   ' }, ...historyOf(memory, width - 26), ...dim(`peak ${formatBytes(peak)}`)],
  ]
}

function capsRow(memory: MemoryView, width: number): Row {
  const backing = backingOf(memory)
  const each = `${formatRoundBytes(memory.perThread)} a thread`
  if (backing === '') return [{ text: ` caps    ${each}` }]
  return wholeOnly([[{ text: ` caps    ${backing}` }], dim(each)], width)
}

interface Table {
  readonly from: number
  /** Exclusive. */
  readonly to: number
  readonly selected: number
  readonly width: number
  readonly area: Area
}

const AMOUNT = 10
const USED = 8 + 6 + 3
const PARTS = ['expected', 'heap', 'buffers', 'rest'] as const
/** What can be told from the others gives way. */
const partsFor = (width: number): readonly (typeof PARTS)[number][] => (width < 66 ? PARTS.slice(0, 3) : PARTS)

function threadTable(threads: readonly ThreadView[], table: Table): readonly Row[] {
  const { from, to, selected, width, area } = table
  const digits = String(threads.at(-1)?.thread ?? 1).length
  const names = partsFor(width)
  const free = width - 5 - digits - USED - names.length * AMOUNT - 1
  // No bar where it would be a stub.
  const size = free < 6 ? 0 : Math.min(40, free)
  const unit = unitFor(threads)
  const faint = { color: 'dim' } as const
  const heading: Row = [
    gap(3),
    cell('#', digits, { ...faint, align: 'right' }),
    gap(2),
    size > 0 ? cell('memory', size + 1 + USED, faint) : cell('memory', 8, { ...faint, align: 'right' }),
    gap(size > 0 ? 0 : USED - 8),
    ...names.map((name) => cell(name, AMOUNT, { ...faint, align: 'right' })),
  ]
  const rows = threads.slice(from, to).map((thread): Row => {
    const parts = partsOf(thread)
    const mark = thread.thread === selected ? ({ color: 'selected', bold: true } as const) : {}
    const head: Row = [
      { text: thread.thread === selected ? ' ▸ ' : '   ', ...mark },
      cell(String(thread.thread), digits, { align: 'right', ...mark }),
      gap(2),
    ]
    return head.concat(
      usedCells(thread, { unit, size, area }),
      names.map((name) => amountCell(parts[name], unit)),
    )
  })
  return [heading, ...rows]
}

interface Looks {
  readonly unit: ByteUnit
  readonly size: number
  readonly area: Area
}

function usedCells({ used, cap }: ThreadView, { unit, size, area }: Looks): Row {
  const share = cap > 0 ? used / cap : 0
  const tone = share > 1 ? 'failed' : share >= NEAR_CAP ? 'waiting' : undefined
  const short = tone === undefined ? {} : ({ color: tone, bold: true } as const)
  return [
    ...(size > 0 ? [...bar(share, { width: size, looks: area.looks, fill: tone ?? 'running' }), gap(1)] : []),
    cell(formatBytes(used, unit), 8, { align: 'right' }),
    cell(formatPercent(used, cap) ?? '-', 6, { align: 'right', ...short }),
    { text: tone === undefined ? '   ' : ' !!', color: tone ?? 'dim' },
  ]
}

/** `rest` is what the worker knows nothing of: code, native memory, child processes. */
function partsOf(thread: ThreadView): Record<(typeof PARTS)[number], Bytes | undefined> {
  const { heap, buffers, rest } = partsKnown(thread) ?? {}
  return { heap, buffers, rest, expected: thread.expected }
}

const amountCell = (part: Bytes | undefined, unit: ByteUnit): Segment =>
  cell(part === undefined ? '-' : formatBytes(part, unit), AMOUNT, {
    align: 'right',
    ...(part === undefined ? { color: 'dim' } : {}),
  })
