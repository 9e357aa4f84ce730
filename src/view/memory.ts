/** Memory: the budget of all threads, the system with its reserve, the last minutes; as a view also thread by thread. */
import type { MemoryView, RunSnapshot, ThreadView } from '../model/snapshot.ts'
import { type Bytes, bytes } from '../model/units.ts'
import { bar, sparkline } from './bar.ts'
import { amountIn, type ByteUnit, formatBytes, formatPercent, formatRoundBytes, formatShare, unitOf } from './format.ts'
import { finish, titleRow, windowAround } from './panel.ts'
import { type Area, cell, gap, type Row, type Tone } from './row.ts'
import { unitFor } from './threads.ts'

/** From this share of the budget on, memory is short. */
const SHORT = 0.95

export interface MemoryInput {
  readonly snapshot: RunSnapshot
  readonly area: Area
  /** Number of the selected thread, for the long form. */
  readonly selected: number
}

export function memoryRows({ snapshot, area, selected }: MemoryInput): readonly Row[] {
  const { memory, threads } = snapshot
  const title = titleRow('Memory', { area })
  if (!memory.isKnown) return finish([title, [{ text: ' not measured yet', color: 'dim' }]], area)
  if (area.rows < 8) return finish([title, ...shortRows(memory, area)], area)
  return finish([title, ...longRows(memory, area), ...threadRows(threads, area, selected)], area)
}

interface Gauge {
  readonly name: string
  readonly used: Bytes
  readonly total: Bytes
  /** Share from which on it is short. */
  readonly mark: number
  /** Of what is used; left out: that of the whole. */
  readonly unit?: ByteUnit
}

const gaugesOf = (memory: MemoryView): readonly [Gauge, Gauge] => {
  const { system } = memory
  const used = bytes(Math.max(0, system.total - system.available))
  const mark = system.total > 0 ? 1 - Math.min(1, memory.reserve / system.total) : 1
  return [
    { name: 'budget', used: memory.used, total: memory.budget, mark: SHORT },
    { name: 'system', used, total: system.total, mark },
  ]
}

function gaugeRow({ name, used, total, mark, unit }: Gauge, width: number, area: Area): Row {
  const share = total > 0 ? used / total : 0
  const tone: Tone | undefined = share > 1 ? 'failed' : share >= mark ? 'waiting' : undefined
  const facts = [
    cell(formatShare(used, total, unit), 14, { align: 'right' }),
    cell(formatPercent(used, total) ?? '-', 7, {
      align: 'right',
      ...(tone === undefined ? {} : { color: tone, bold: true }),
    }),
    { text: tone === undefined ? '   ' : ' !!', color: tone ?? 'dim' } as const,
  ]
  const size = Math.max(8, width - 9 - 14 - 7 - 3)
  return [
    { text: ` ${name}  ` },
    ...bar(share, { width: size, looks: area.looks, fill: tone ?? 'running', mark }),
    ...facts,
  ]
}

function shortRows(memory: MemoryView, area: Area): readonly Row[] {
  const [budget, system] = gaugesOf(memory)
  const isWide = area.columns >= 100
  const width = isWide ? Math.floor(area.columns / 2) + 2 : area.columns - 1
  if (!isWide) return [gaugeRow(budget, width, area), gaugeRow(system, width, area)]
  return [
    [
      ...gaugeRow(budget, width, area),
      gap(3),
      { text: 'last 5 min  ', color: 'dim' },
      ...historyOf(memory, area.columns - width - 16),
    ],
    [...gaugeRow(system, width, area), gap(3), { text: 'reserve     ', color: 'dim' }, { text: reserveOf(memory) }],
  ]
}

/** One look every 5 s, at most 60 of them: fewer cells see the newest. */
const historyOf = (memory: MemoryView, width: number): Row => [
  { text: sparkline(memory.history, memory.budget, Math.min(60, width)), color: 'running' },
]

function reserveOf({ reserve, system }: MemoryView): string {
  const free = bytes(Math.min(system.available, reserve))
  return `${amountIn(free, unitOf(reserve))} of ${formatRoundBytes(reserve)} free`
}

function longRows(memory: MemoryView, area: Area): readonly Row[] {
  const [budget, system] = gaugesOf(memory)
  const width = Math.min(area.columns - 1, 110)
  const peak = memory.history.length === 0 ? memory.used : bytes(Math.max(...memory.history))
  return [
    gaugeRow(budget, width, area),
    gaugeRow(system, width, area),
    [{ text: ' reserve ' }, { text: reserveOf(memory) }],
    [
      { text: ' 5 min   ' },
      ...historyOf(memory, width - 32),
      gap(2),
      { text: `peak ${formatBytes(peak)}`, color: 'dim' },
    ],
    [],
  ]
}

function threadRows(threads: readonly ThreadView[], area: Area, selected: number): readonly Row[] {
  const place = Math.max(
    0,
    threads.findIndex((thread) => thread.thread === selected),
  )
  const seen = windowAround(place, threads.length, area.rows - 6)
  const width = Math.min(area.columns - 1, 110)
  const unit = unitFor(threads)
  return threads.slice(seen.from, seen.to).map(({ thread, used, cap }) => {
    const mark = thread === selected ? ({ color: 'selected', bold: true } as const) : {}
    const name: Row = [{ text: `${thread === selected ? ' ▸ ' : '   '}thread ${String(thread).padEnd(4)}`, ...mark }]
    return name.concat(gaugeRow({ name: '', used, total: cap, mark: SHORT, unit }, width - 5, area).slice(1))
  })
}
