/** A compiled plan for people: one line that says what it comes to, and its batches in the order of work. */

import { assertNever } from '../model/errors.ts'
import type { BatchIndex } from '../model/ids.ts'
import type { Batch, LateItems, Need, Plan } from '../model/plan.ts'
import { isUnlisted, itemName } from '../model/plan.ts'
import { cutMiddle } from '../view/fit.ts'
import { countOf, formatAbout, formatCount, formatPercent, formatRoundBytes } from '../view/format.ts'
import { formatColumns } from './columns.ts'

/** A batch as a row of a table. */
export type PlanRow = {
  readonly batch: string
  readonly title: string
  readonly phase: string
  readonly category: string
  readonly level: string
  readonly items: string
  readonly names: string
  readonly needs: string
  readonly threads: string
  readonly tries: string
  readonly timeout: string
  /** What an item is expected to need. */
  readonly memory: string
  /** What an item runs, as the plan says it. */
  readonly command: string
}

export function planHead({ name, items, batches, threads, memory }: Plan): string {
  const { perThread, budget, reserve, act } = memory
  const acts = act === undefined ? '' : `, the governor acts at ${formatPercent(act, 1) ?? ''}`
  return (
    `${name}: ${itemsText(items, batches)} in ${countOf(batches.length, 'batch', 'batches')} on ${countOf(threads, 'thread')}, ` +
    `${formatRoundBytes(perThread)} each of ${formatRoundBytes(budget)}, ${formatRoundBytes(reserve)} reserved${acts}`
  )
}

function itemsText(items: number, batches: readonly Batch[]): string {
  const late = batches.filter(isUnlisted).length
  if (late === 0) return countOf(items, 'item')
  return `${countOf(items, 'item')} and those of ${countOf(late, 'late batch', 'late batches')}`
}

/** @param order batches as they come first in line, were there nothing to wait for */
export function planRows(plan: Plan, order: readonly BatchIndex[]): readonly PlanRow[] {
  return order.flatMap((index) => {
    const batch = plan.batches[index]
    return batch ? [rowOf(plan, batch)] : []
  })
}

function rowOf(plan: Plan, batch: Batch): PlanRow {
  const {
    id,
    title,
    phase,
    category,
    level,
    count,
    needs,
    threads,
    isThreadsOnly,
    parallel,
    retry,
    timeout,
    memory,
    work,
  } = batch
  const own = threads.length > 0 ? `${threads.join(', ')}${isThreadsOnly ? ' only' : ''}` : ''
  return {
    batch: id,
    title: title === id ? '' : title,
    phase: phase === undefined ? '' : (plan.phases[phase]?.id ?? ''),
    category: category === undefined ? '' : (plan.categories[category] ?? ''),
    level,
    items: isUnlisted(batch) ? 'late' : formatCount(count),
    names: namesOf(batch),
    needs: needs.map((need) => needText(plan, need)).join(', '),
    threads: [own, parallel === undefined ? '' : `at most ${parallel}`].filter((text) => text !== '').join('; '),
    tries: retry.attempts === 1 ? '' : String(retry.attempts),
    timeout: timeout === undefined ? '' : formatAbout(timeout),
    memory: memory === undefined ? '' : formatRoundBytes(memory),
    command: work.kind === 'command' ? firstLine(work.run.text) : '',
  }
}

/** A script of several lines shows that it is one. */
function firstLine(text: string): string {
  const lines = text.trim().split('\n')
  return `${lines[0]}${lines.length > 1 ? ' …' : ''}`
}

function namesOf(batch: Batch): string {
  if (batch.late?.isListed === false) return `listed when it may start: ${lateText(batch.late)}`
  const first = cutMiddle(itemName(batch, 0), 24)
  if (batch.count < 2) return batch.count === 1 ? first : ''
  const last = cutMiddle(itemName(batch, batch.count - 1), 24)
  return batch.count === 2 ? `${first}, ${last}` : `${first} … ${last}`
}

/** Where names come from that are not known yet. */
function lateText(late: LateItems): string {
  switch (late.kind) {
    case 'glob':
      return late.pattern
    case 'file':
    case 'csv':
      return late.path
    case 'command':
      return firstLine(late.command)
    default:
      return assertNever(late)
  }
}

function needText(plan: Plan, { kind, index, when }: Need): string {
  const id = (kind === 'batch' ? plan.batches : plan.phases)[index]?.id ?? ''
  return when === 'ended' ? `${id} ended` : id
}

/** As plain text; columns that say nothing are left out. */
export function planText(plan: Plan, order: readonly BatchIndex[]): string {
  const rows = planRows(plan, order)
  const keys = planColumns(rows)
  const columns = keys.map((title) => ({
    title,
    most: 52,
    ...(title === 'items' || title === 'memory' ? { align: 'right' as const } : {}),
  }))
  const lines = formatColumns(
    columns,
    rows.map((row) => keys.map((key) => row[key])),
  )
  return `${[planHead(plan), ...lines].join('\n')}\n`
}

/** Columns that say something. */
export function planColumns(rows: readonly PlanRow[]): readonly (keyof PlanRow)[] {
  const [first] = rows
  if (!first) return []
  return (Object.keys(first) as (keyof PlanRow)[]).filter((key) => rows.some((row) => row[key] !== ''))
}
