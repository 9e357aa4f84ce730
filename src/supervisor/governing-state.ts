/** What the supervisor keeps for the governor between looks. */
import type { Budget, BudgetMeter } from '../govern/budget.ts'
import { createBudgetMeter } from '../govern/budget.ts'
import type { Governor } from '../govern/governor.ts'
import { createGovernor } from '../govern/governor.ts'
import type { GovernorStage } from '../model/event.ts'
import type { ThreadNumber } from '../model/ids.ts'
import type { MemoryPlan } from '../model/plan.ts'
import type { Bytes, WallTime } from '../model/units.ts'
import { bytes } from '../model/units.ts'

/** Something the governor does that has begun and is not at its end. */
export interface OpenAct {
  readonly stage: GovernorStage
  readonly thread: ThreadNumber | undefined
  readonly before: Bytes
  readonly at: WallTime
  readonly why: string
}

/** More than a host has without work. */
export const TIDY_ABOVE = bytes(64 * 2 ** 20)

export interface KernelCounts {
  readonly kills: number
  readonly hits: number
}

export interface Governing {
  readonly governor: Governor
  readonly meter: BudgetMeter
  budget: Budget
  /** What all threads held when the system was looked at. */
  heldAtLook: Bytes
  readonly acts: OpenAct[]
  isTidying: boolean
  /** Threads that collect what the item before left, before their next one begins. */
  readonly cleaning: Set<ThreadNumber>
  /** How many processes of a thread the kernel has ended for memory, and how often its group came to its limit, as far as is known. */
  readonly kernelCounts: Map<ThreadNumber, KernelCounts>
}

export function createGoverning({ budget, act }: MemoryPlan): Governing {
  return {
    governor: createGovernor(act),
    meter: createBudgetMeter(),
    budget: { budget, isSqueezed: false, isCritical: false },
    heldAtLook: bytes(0),
    acts: [],
    isTidying: false,
    cleaning: new Set(),
    kernelCounts: new Map(),
  }
}
