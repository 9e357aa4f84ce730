/** What the threads may use right now, and what keeps them from more. */
import { DEFAULT_ACT } from '../model/plan.ts'
import type { CapBacking, MemoryView, RunSnapshot } from '../model/snapshot.ts'
import { type Bytes, bytes } from '../model/units.ts'
import { formatBytes, formatRoundBytes } from './format.ts'

/** Smaller differences are the machine's own breathing: numbers that never stand still say nothing. */
const NEARLY = 0.98

interface BudgetNow {
  readonly budget: Bytes
  /** What others took of it; left out where it is whole. */
  readonly others?: Bytes
}

export function budgetOf({ budget, budgetNow }: Pick<MemoryView, 'budget' | 'budgetNow'>): BudgetNow {
  if (budgetNow >= budget * NEARLY) return { budget }
  return { budget: budgetNow, others: bytes(budget - budgetNow) }
}

/** `others use 3.1 GB`; empty where they leave the budget whole. On a machine with more than the plan counts on they use more than they take of it. */
export function othersOf(memory: MemoryView): string {
  const { others } = budgetOf(memory)
  const { system, used } = memory
  return others === undefined
    ? ''
    : `others use ${formatBytes(bytes(Math.max(others, system.total - system.available - used)))}`
}

/** `no new items above 300 MB`; empty while nothing is held back. */
export function heldBack({ holdsAbove }: MemoryView): string {
  if (holdsAbove === undefined) return ''
  return holdsAbove > 0 ? `no new items above ${formatRoundBytes(holdsAbove)}` : 'no new items'
}

/** Share of the budget at which the governor acts at the latest. */
export const actOf = ({ act = DEFAULT_ACT }: MemoryView): number => act

const BACKINGS: Readonly<Record<CapBacking, string>> = {
  cgroup2: 'kernel (cgroup v2) + governor',
  cgroup1: 'kernel (cgroup v1) + governor',
  polling: 'governor',
}

/** Who sees to it that no thread passes its cap; empty where nobody knows. */
export const backingOf = ({ backing }: MemoryView): string => (backing === undefined ? '' : BACKINGS[backing])

const GETTING_ON: ReadonlySet<string> = new Set(['running', 'starting', 'replacing', 'ending', 'pausing'])

/** Nothing runs although items could, because there is no memory for any of them. */
export const standsForMemory = ({ head, memory, threads }: RunSnapshot): boolean =>
  head.state === 'running' &&
  memory.holdsAbove !== undefined &&
  threads.some(({ state }) => state === 'waiting') &&
  !threads.some(({ state }) => GETTING_ON.has(state))
