/**
 * What the governor sees of one moment, and what it may ask for. Every amount is measured or expected memory of whole process trees.
 */
import type { ThreadAbilities } from '../model/chunk.ts'
import type { By } from '../model/event.ts'
import type { ThreadNumber } from '../model/ids.ts'
import type { Bytes, WallTime } from '../model/units.ts'

export interface Look {
  readonly now: WallTime
  /** What the threads may use now: see budget.ts. */
  readonly budget: Bytes
  /** True: not the plan but what others need of the machine sets the budget. */
  readonly isSqueezed: boolean
  /** True: less than half of the reserve is left to the system. */
  readonly isCritical: boolean
  readonly threads: readonly ThreadLook[]
}

export interface ThreadLook {
  readonly thread: ThreadNumber
  readonly used: Bytes
  readonly cap: Bytes
  /**
   * idle: runs nothing. running. stopping: on its way to stand still. standing: its item stands still. leaving: its attempt is being
   * ended.
   */
  readonly state: 'idle' | 'running' | 'stopping' | 'standing' | 'leaving'
  /** Whose pause it is, where it stands or stops. */
  readonly by?: By
  /** Since when it stands. */
  readonly standsSince?: WallTime
  /** It stands by SIGSTOP: it can do nothing, not even collect garbage. */
  readonly isFrozen: boolean
  /** When its item began. */
  readonly began: WallTime
  /** What its item is expected to take in all; 0 where it runs none. */
  readonly expected: Bytes
  /** What it will likely take in all, by what others took that had come as far; left out where nobody knows: then what is expected. */
  readonly likely?: Bytes
  /** False: nobody knows yet what items of its batch take. */
  readonly isKnown: boolean
  /** Items it was handed and has not begun. */
  readonly unstarted: number
  readonly can: ThreadAbilities
}

/** What the governor wants done. `why` is a phrase for people. */
export type Action =
  /** Nothing new starts; told once, admission is closed by `isHolding`. */
  | { readonly stage: 'hold'; readonly why: string; readonly thread?: never }
  /** Its item took more than the cap: it is to stand still and collect. */
  | { readonly stage: 'guard'; readonly thread: ThreadNumber; readonly why: string }
  | { readonly stage: 'reclaim'; readonly thread: ThreadNumber; readonly why: string }
  /** What it has not begun goes to others. */
  | { readonly stage: 'rebalance'; readonly thread: ThreadNumber; readonly why: string }
  | { readonly stage: 'pause'; readonly thread: ThreadNumber; readonly why: string }
  | { readonly stage: 'resume'; readonly thread: ThreadNumber; readonly why: string }
  | { readonly stage: 'checkpoint'; readonly why: string; readonly thread?: never }
  | { readonly stage: 'requeue'; readonly thread: ThreadNumber; readonly why: string }
  | { readonly stage: 'kill'; readonly thread: ThreadNumber; readonly why: string }
  /** Its attempt has failed: it took more than the cap and nothing helped. */
  | {
      readonly stage: 'overCap'
      readonly thread: ThreadNumber
      readonly why: string
      /** False: there was no time to see whether a collection would have helped. */
      readonly isSure: boolean
    }
