/** Bars of memory with what they mean in figures: the budget of all threads, and the system with its reserve. */
import type { MemoryView } from '../model/snapshot.ts'
import { type Bytes, bytes } from '../model/units.ts'
import { bar, sparkline } from './bar.ts'
import { actOf, budgetOf } from './budget.ts'
import { amountIn, formatPercent, formatRoundBytes, formatShare, unitOf } from './format.ts'
import { type Area, cell, type Row, type Tone } from './row.ts'

interface Gauge {
  readonly name: string
  readonly used: Bytes
  readonly total: Bytes
  /** Share from which on it is short, marked in the bar. */
  readonly mark: number
}

/** The budget as it is right now, with the line at which the governor acts; the system, with the line where the reserve begins. */
export function gaugesOf(memory: MemoryView): readonly [Gauge, Gauge] {
  const { system } = memory
  const used = bytes(Math.max(0, system.total - system.available))
  const mark = system.total > 0 ? 1 - Math.min(1, memory.reserve / system.total) : 1
  return [
    { name: 'budget', used: memory.used, total: budgetOf(memory).budget, mark: actOf(memory) },
    { name: 'system', used, total: system.total, mark },
  ]
}

const FACTS_WIDTH = 14 + 7 + 3

export function gaugeRow({ name, used, total, mark }: Gauge, width: number, { looks }: Area): Row {
  const share = total > 0 ? used / total : 0
  const tone: Tone | undefined = share > 1 ? 'failed' : share >= mark ? 'waiting' : undefined
  const short = tone === undefined ? {} : ({ color: tone, bold: true } as const)
  return [
    { text: ` ${name}  ` },
    ...bar(share, { width: Math.max(8, width - 9 - FACTS_WIDTH), looks, fill: tone ?? 'running', mark }),
    cell(formatShare(used, total), 14, { align: 'right' }),
    cell(formatPercent(used, total) ?? '-', 7, { align: 'right', ...short }),
    { text: tone === undefined ? '   ' : ' !!', color: tone ?? 'dim' },
  ]
}

/** One look every 5 s, at most 60 of them: fewer cells see the newest. */
export const historyOf = (memory: MemoryView, width: number): Row => [
  { text: sparkline(memory.history, memory.budget, Math.min(60, width)), color: 'running' },
]

/** `3.4 of 4 GB free`. */
export function reserveOf({ reserve, system }: MemoryView): string {
  const free = bytes(Math.min(system.available, reserve))
  return `${amountIn(free, unitOf(reserve))} of ${formatRoundBytes(reserve)} free`
}
