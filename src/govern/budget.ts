/**
 * What all threads together may use right now. The plan's budget is its most; what others take of the machine makes it smaller, at once,
 * and it grows back over two seconds, so that a program that comes and goes does not make it jump. What the threads hold themselves is
 * added back to what is free: else every allocation of ours would make the budget smaller and the governor would chase itself.
 */
import type { MemoryPlan } from '../model/plan.ts'
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'

/** How long a budget takes to grow back (to 63 %, 86 % after twice that). */
const RISE_MS = 2000

/** A machine with less than this free is in danger, however small the reserve. */
const LEAST_FREE = 0.02

/** Smaller differences to the plan's budget are the machine's own breathing. */
const NEARLY = 0.98

export interface BudgetMeter {
  /** What others leave, smoothed; undefined before the first look. */
  left: number | undefined
  at: number
}

export interface BudgetInput {
  readonly memory: MemoryPlan
  /** Of the machine or the control group around it, read at the same moment as `held`. */
  readonly system: { readonly total: Bytes; readonly available: Bytes }
  /** What all threads held when `system` was read. */
  readonly held: Bytes
  /** What all threads hold now. */
  readonly used: Bytes
  readonly now: number
}

export interface Budget {
  readonly budget: Bytes
  /** Others set it, not the plan. */
  readonly isSqueezed: boolean
  /** Less than half of the reserve, or next to nothing, is free: the machine itself is in danger. */
  readonly isCritical: boolean
}

export function createBudgetMeter(): BudgetMeter {
  return { left: undefined, at: 0 }
}

/** The only writer of the meter. */
export function meterBudget(meter: BudgetMeter, { memory, system, held, used, now }: BudgetInput): Budget {
  const { budget, reserve } = memory
  const limit = Math.min(budget, system.total - reserve, system.available - reserve + held)
  const share = 1 - Math.exp(-Math.max(0, now - meter.at) / RISE_MS)
  const rising = meter.left === undefined ? limit : meter.left + (limit - meter.left) * share
  meter.left = Math.min(limit, rising)
  meter.at = now
  return {
    // What runs is there: a budget below it would only say that everything is too late.
    budget: bytes(Math.min(budget, Math.max(meter.left, used, 1))),
    isSqueezed: meter.left < budget * NEARLY,
    isCritical: system.available < Math.max(reserve / 2, system.total * LEAST_FREE),
  }
}
