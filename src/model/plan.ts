/**
 * The compiled plan: what `src/plan` makes of a YAML file and everything else works from. Plain data that survives
 * JSON, so it can be handed to the supervisor through a pipe and kept in the run's folder.
 */
import type { BatchIndex, ItemIndex, ThreadNumber } from './ids.ts'
import type { Json } from './json.ts'
import type { Bytes, Millis } from './units.ts'

export interface Plan {
  readonly name: string
  /** Real path of the plan file. */
  readonly path: string
  /** Folder of the plan file: what relative paths in it start from. */
  readonly folder: string
  /** How many threads run at once, 1 to 512. */
  readonly threads: number
  readonly memory: MemoryPlan
  /** Most items a chunk may hold. Left out: adaptive up to `DEFAULT_BATCH_SIZE`. */
  readonly batchSize?: number
  /** Longest time between two checkpoints. */
  readonly checkpoint: Millis
  /** Words of `priority:`, most urgent first. A batch's `category` is an index into it. */
  readonly categories: readonly string[]
  readonly phases: readonly Phase[]
  /** True: a phase starts when every item of those before it is in a final state, whatever the outcome. */
  readonly isOrdered: boolean
  readonly batches: readonly Batch[]
  /** All items of all batches. */
  readonly items: number
}

/** Time between two checkpoints where the plan does not say. */
export const DEFAULT_CHECKPOINT = 30 * 60_000

/** Share of the budget at which the governor acts at the latest, where the plan does not say. */
export const DEFAULT_ACT = 0.95

/** Least time between two checkpoints that a plan may ask for, in milliseconds: more would only wear the disk. */
export const LEAST_CHECKPOINT = 1000

/** Most items in a chunk where the plan does not say (a chunk is further limited to 5-10 ms of work). */
export const DEFAULT_BATCH_SIZE = 100

/** Most items a chunk may ever hold: the length of the shared claim table of a thread. */
export const MAX_BATCH_SIZE = 1024

/** Most threads a plan may ask for: each costs a process of 66 MB (measured on Node 24). */
export const MAX_THREADS = 512

export interface MemoryPlan {
  /** What the plan may count on: as given, else what the machine or its cgroup has. */
  readonly total: Bytes
  /** What stays the system's. */
  readonly reserve: Bytes
  /** What all threads together may use: `total - reserve`. */
  readonly budget: Bytes
  /** Cap of one thread. */
  readonly perThread: Bytes
  /** True: somebody asked for this cap. False: it is the budget divided by the threads, and follows their number. */
  readonly isCapGiven: boolean
  /** Share of the budget at which the governor acts at the latest; left out: `DEFAULT_ACT`. */
  readonly act?: number
}

export interface Phase {
  readonly id: string
  readonly title: string
}

export type Level = 'critical' | 'high' | 'medium' | 'low'

/** From most to least urgent. */
export const LEVELS: readonly Level[] = ['critical', 'high', 'medium', 'low']

export interface Batch {
  readonly index: BatchIndex
  readonly id: string
  readonly title: string
  /** Index into `plan.phases`. */
  readonly phase?: number
  /** Index into `plan.categories`. */
  readonly category?: number
  readonly level: Level
  /** Threads with first call on its items; empty: all alike. */
  readonly threads: readonly ThreadNumber[]
  /** True: no other thread ever takes its items. */
  readonly isThreadsOnly: boolean
  /** Most of its items that run at once. */
  readonly parallel?: number
  /** Index of its first item in the whole plan. */
  readonly first: ItemIndex
  readonly count: number
  readonly names: ItemNames
  /** Items that differ from the rest of the batch, by place in the batch (as text, for JSON). Explicit lists only. */
  readonly special: Readonly<Record<string, SpecialItem>>
  readonly work: Work
  readonly needs: readonly Need[]
  readonly retry: Retry
  /** Longest time of one attempt, paused time not counted. */
  readonly timeout?: Millis
  readonly estimate?: Estimate
  /** What an item is expected to need until the run has learned better. */
  readonly memory?: Bytes
  /**
   * Returned values that are void: lines of these items that stand before `before` bytes of the batch's values. Set by a recovery with
   * a changed plan, for items that are gone or run again; `all` for a batch that was gone meanwhile.
   */
  readonly voids?: readonly { readonly before: number; readonly names: readonly string[] | 'all' }[]
}

/** The names of a batch's items: computed from a pattern, or listed. */
export type ItemNames =
  | {
      readonly kind: 'pattern'
      readonly prefix: string
      readonly from: number
      /** Digits, padded with zeros. */
      readonly width: number
      readonly suffix: string
    }
  | { readonly kind: 'list'; readonly names: readonly string[] }

/** What sets one item of an explicit list apart. */
export interface SpecialItem {
  /** Absolute path of its own task module. */
  readonly task?: string
  readonly with?: Json
  readonly estimate?: Millis
}

/** What an item runs. Commands come with a later version. */
export interface Work {
  readonly kind: 'module'
  /** Absolute path of the task module. */
  readonly task: string
  readonly with: Json
  /** Absolute path of the folder the item runs in. */
  readonly cwd: string
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>
}

/** A hard condition on whole batches or phases. */
export interface Need {
  readonly kind: 'batch' | 'phase'
  /** Index into `plan.batches` or `plan.phases`. */
  readonly index: number
  /** succeeded: every item of it did (or was skipped by a person). ended: every item is in a final state. */
  readonly when: 'succeeded' | 'ended'
}

export interface Retry {
  /** Tries in all, the first included; 1 is no retry. */
  readonly attempts: number
  /** Backoff after the first failure; doubles with every further one. */
  readonly min: Millis
  readonly max: Millis
}

/** How long work takes, lowest and highest. */
export interface Estimate {
  readonly of: 'batch' | 'item'
  readonly low: Millis
  readonly high: Millis
}

/** Name of an item by its place in the batch. */
export function itemName(batch: Batch, place: number): string {
  const { names } = batch
  if (names.kind === 'list') return names.names[place] ?? ''
  return names.prefix + String(names.from + place).padStart(names.width, '0') + names.suffix
}

/** The batch an item belongs to. */
export function batchOf(plan: Plan, item: ItemIndex): Batch {
  let low = 0
  let high = plan.batches.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((plan.batches[middle] as Batch).first <= item) low = middle
    else high = middle - 1
  }
  // Batches without items share `first` with the next one: the last of them holds the item.
  return plan.batches[low] as Batch
}
