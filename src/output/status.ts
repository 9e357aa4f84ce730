/** One run as a page of text: the head, its threads, its batches, its memory. */
import type { BatchView, CapBacking, Head, MemoryView, RunSnapshot, ThreadView } from '../model/snapshot.ts'
import { bytes, type WallTime } from '../model/units.ts'
import { fullAct } from '../view/acts.ts'
import { breakerWords } from '../view/breaker.ts'
import { actOf, budgetOf, heldBack, othersOf } from '../view/budget.ts'
import { clean, cutEnd } from '../view/fit.ts'
import {
  type ByteUnit,
  countOf,
  elapsedOf,
  formatAbout,
  formatClock,
  formatCount,
  formatPercent,
  formatRate,
  formatRoundBytes,
  formatShare,
  formatShort,
} from '../view/format.ts'
import { unitFor, workName } from '../view/threads.ts'
import { batchTotal, doneOf, percentOf, totalText } from '../view/totals.ts'
import { formatColumns } from './columns.ts'

export function formatStatus(snapshot: RunSnapshot, now: WallTime): string {
  const { head } = snapshot
  const isLive = head.state !== 'ended' && head.state !== 'interrupted'
  const parts = [headLines(snapshot, now), ...(isLive ? [threadLines(snapshot, now)] : []), batchLines(snapshot, now)]
  return `${[...parts, memoryLines(snapshot)].map((lines) => lines.join('\n')).join('\n\n')}\n`
}

function headLines({ head }: RunSnapshot, now: WallTime): readonly string[] {
  const rate = formatRate(head.rate)
  const isOver = head.state === 'ended'
  const state = isOver ? `${head.state}: ${head.outcome ?? ''} (exit ${head.exit ?? ''})` : head.state
  const eta =
    head.eta && !isOver && !head.trouble ? [`ETA ${formatAbout(head.eta.p50)} (p90 ${formatAbout(head.eta.p90)})`] : []
  const first = [
    clean(head.plan),
    `run ${head.run}`,
    state,
    ...(head.state === 'interrupted' ? [] : [formatClock(elapsedOf(head.clock, now))]),
    ...eta,
  ]
  const share = percentOf(head)
  const items = `${totalText(head)} item${head.total === 1 && !head.unlisted ? '' : 's'}`
  const counts = [
    `${formatCount(doneOf(head))} of ${items} done${share === undefined ? '' : ` (${share})`}`,
    `${formatCount(head.succeeded)} succeeded`,
    `${formatCount(head.failed)} failed`,
    `${formatCount(head.skipped)} skipped`,
    ...(head.running > 0 ? [`${formatCount(head.running)} running`] : []),
    ...(head.waiting > 0 ? [`${formatCount(head.waiting)} to retry`] : []),
    ...(rate === undefined || isOver ? [] : [rate]),
  ]
  return [first.join('   '), ...troubleLines(head, now), counts.join('   '), clean(head.planPath)]
}

function troubleLines({ trouble }: Head, now: WallTime): readonly string[] {
  if (trouble === undefined) return []
  const kept = `${countOf(trouble.events, 'event')} kept in memory`
  return [`DISK: ${clean(trouble.message)} for ${formatShort(now - trouble.since)}, nothing starts, ${kept}`]
}

function threadLines({ threads, batches }: RunSnapshot, now: WallTime): readonly string[] {
  return formatColumns(
    [
      { title: 'thread', align: 'right' },
      { title: 'state' },
      { title: 'batch', most: 24 },
      { title: 'item', most: 40 },
      { title: 'done', align: 'right' },
      { title: 'time', align: 'right' },
      { title: 'memory', align: 'right' },
      { title: 'cpu', align: 'right' },
    ],
    threads.map((thread) => threadCells(thread, { batches, now, unit: unitFor(threads) })),
  )
}

interface Around {
  readonly batches: readonly BatchView[]
  readonly now: WallTime
  /** Of the memory column. */
  readonly unit: ByteUnit
}

function threadCells(view: ThreadView, { batches, now, unit }: Around): readonly string[] {
  const { thread, state, batch, item, why, clock, fraction, used, cap, cpu, paused } = view
  const by = paused === undefined ? '' : paused.by === 'user' ? ' by you' : ' by the governor'
  return [
    String(thread),
    state + by,
    batch === undefined ? '' : (batches[batch]?.id ?? ''),
    item === undefined ? (why ?? '') : workName(view),
    fraction === undefined ? '' : (formatPercent(fraction, 1) ?? ''),
    clock === undefined ? '' : formatShort(elapsedOf(clock, now)),
    formatShare(used, cap, unit),
    `${Math.round(cpu * 100)} %`,
  ]
}

function batchLines({ batches }: RunSnapshot, now: WallTime): readonly string[] {
  const number = { align: 'right' } as const
  return formatColumns(
    [
      { title: 'batch', most: 24 },
      { title: 'title', most: 40 },
      { title: 'state' },
      { title: 'done', ...number },
      { title: 'failed', ...number },
      { title: 'skipped', ...number },
      { title: 'running', ...number },
      { title: 'needs', most: 40 },
    ],
    batches.map((batch) => [
      batch.id,
      batch.title === batch.id ? '' : batch.title,
      batch.state,
      `${formatCount(doneOf(batch))}/${batchTotal(batch)}`,
      formatCount(batch.failed),
      formatCount(batch.skipped),
      formatCount(batch.running),
      waitsFor(batch, now),
    ]),
  )
}

function waitsFor({ needs, breaker, toUndo }: BatchView, now: WallTime): string {
  const undo = toUndo === undefined ? '' : `${countOf(toUndo, 'item')} to undo`
  return [...needs, ...(breaker ? [breakerWords(breaker, now)] : []), ...(undo === '' ? [] : [undo])].join(', ')
}

function memoryLines({ memory, head: { startedAt } }: RunSnapshot): readonly string[] {
  const { used, reserve, perThread, system, isKnown } = memory
  const { budget } = budgetOf(memory)
  const caps = `${formatRoundBytes(perThread)} a thread, ${formatRoundBytes(reserve)} reserved`
  if (!isKnown) return [`memory ${formatRoundBytes(budget)} for all threads: ${caps}`, ...lastAct(memory, startedAt)]
  const inUse = bytes(system.total - system.available)
  const share = formatPercent(used, budget)
  return [
    `memory ${formatShare(used, budget)}${share === undefined ? '' : ` (${share})`}: ${caps}; system ${formatShare(inUse, system.total)}`,
    ...governorLines(memory),
    ...lastAct(memory, startedAt),
  ]
}

function governorLines(memory: MemoryView): readonly string[] {
  const { budget, others } = budgetOf(memory)
  const whole = formatRoundBytes(memory.budget)
  const now = others === undefined ? whole : `${formatRoundBytes(budget)} of ${whole} (${othersOf(memory)})`
  const held = heldBack(memory)
  const backed = memory.backing === undefined ? '' : `; caps backed by ${BACKINGS[memory.backing]}`
  return [
    `governor: threads may use ${now} now${held === '' ? '' : `; ${held}`}`,
    `governor: acts at ${formatPercent(actOf(memory), 1)} of that at the latest${backed}`,
  ]
}

const BACKINGS: Readonly<Record<CapBacking, string>> = {
  cgroup2: 'cgroup v2',
  cgroup1: 'cgroup v1',
  polling: 'polling',
}

function lastAct({ acted }: MemoryView, startedAt: WallTime): readonly string[] {
  const last = acted.at(-1)
  if (last?.event.type !== 'governor.acted') return []
  const { event, at } = last
  return [`governor: last at ${formatClock(at - startedAt)}, ${event.stage}: ${cutEnd(fullAct(event), MOST_ACT)}`]
}

/** Longer reasons lose their end. */
const MOST_ACT = 80
