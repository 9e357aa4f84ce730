/**
 * The compiled plan: what `src/plan` makes of a YAML file and everything else works from. Plain data that survives
 * JSON, so it can be handed to the supervisor through a pipe and kept in the run's folder.
 */
import { assertNever } from './errors.ts'
import type { BatchIndex, ItemIndex, ThreadNumber } from './ids.ts'
import type { Json } from './json.ts'
import type { Command, Fields, Template } from './template.ts'
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
  /** All items of all batches, as far as they are listed. */
  readonly items: number
  /** True: items of some batches are listed when these may start. */
  readonly hasLate?: boolean
  /** One more than the highest number of an item; left out: `items`. What stood for a listing that failed keeps its number. */
  readonly numbers?: number
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

/** Most output kept of one attempt where the plan does not say. */
export const DEFAULT_LOG_LIMIT = 100 * 2 ** 20

/** Most items of a plan: the states of more would need gigabytes alone. */
export const MAX_ITEMS = 100_000_000

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
  /** Its items are listed when it may start; until then it has none. */
  readonly late?: LateItems
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
  /** Files an item must have made when it succeeds, relative to its folder. */
  readonly outputs?: readonly Template[]
  /** What takes back what an item has done that finally failed. */
  readonly undo?: CommandWork
  readonly breaker?: Breaker
  /** Most output kept of one attempt; left out: `DEFAULT_LOG_LIMIT`. */
  readonly logLimit?: Bytes
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
  | {
      readonly kind: 'list'
      readonly names: readonly string[]
      /** What else is known of each item, by place: the columns of a table. */
      readonly table?: Table
    }
  /** Every combination of the columns' values, the last column changing fastest; named `beta=0.1,seed=1`. */
  | { readonly kind: 'product'; readonly columns: readonly ProductColumn[] }

export interface Table {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export interface ProductColumn {
  readonly name: string
  readonly values: ColumnValues
}

export type ColumnValues =
  | { readonly kind: 'list'; readonly values: readonly string[] }
  | (Extract<ItemNames, { kind: 'pattern' }> & { readonly count: number })

/** Where the items of a late batch come from. Paths are absolute. */
export type LateItems = {
  /**
   * False: it had not been time for it, or it did not work: then one item, named as the batch, stands for that. True: `names` and `count`
   * say what was found.
   */
  readonly isListed: boolean
} & (
  | { readonly kind: 'glob'; readonly pattern: string; readonly cwd: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'csv'; readonly path: string /** Column of the names. */; readonly id?: string }
  | {
      readonly kind: 'command'
      readonly command: string
      readonly cwd: string
      readonly env: Readonly<Record<string, string>>
    }
)

/** Stops a batch whose items fail one after another: `of` attempts ended, `failures` of them badly, so nothing starts for `wait`. */
export interface Breaker {
  /** Share of the last attempts that may fail, 0..1: it opens at this share. */
  readonly failures: number
  /** How many attempts are looked at. */
  readonly of: number
  /** How long nothing starts; then one item tries. */
  readonly wait: Millis
}

/** What sets one item of an explicit list apart. */
export interface SpecialItem {
  /** Absolute path of its own task module. */
  readonly task?: string
  readonly with?: Json
  /** Its own command. */
  readonly run?: Command
  readonly estimate?: Millis
}

/** What an item runs. All items of a batch run the same kind. */
export type Work = ModuleWork | CommandWork

export type WorkKind = Work['kind']

interface Setting {
  /** Absolute path of the folder the item runs in. */
  readonly cwd: string
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>
}

export interface ModuleWork extends Setting {
  readonly kind: 'module'
  /** Absolute path of the task module. */
  readonly task: string
  readonly with: Json
}

export interface CommandWork extends Setting {
  readonly kind: 'command'
  readonly run: Command
  /** The folder of each item, found from `cwd`; left out: `cwd` itself. */
  readonly itemCwd?: Template
  /** Variables that differ from item to item. */
  readonly itemEnv?: Readonly<Record<string, Template>>
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
  /** Exit codes of commands that are never tried again. */
  readonly never?: readonly number[]
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
  switch (names.kind) {
    case 'list':
      return names.names[place] ?? ''
    case 'pattern':
      return patternText(names, place)
    case 'product':
      return productCells(names.columns, place).reduce(
        (name, cell, column) => `${name}${column === 0 ? '' : ','}${names.columns[column]?.name}=${cell}`,
        '',
      )
    default:
      return assertNever(names)
  }
}

/** What is known of an item besides its name, by column; undefined where its batch has no columns. */
export function itemFields({ names }: Pick<Batch, 'names'>, place: number): Fields | undefined {
  if (names.kind === 'product') {
    const cells = productCells(names.columns, place)
    return Object.fromEntries(names.columns.map(({ name }, column) => [name, cells[column] ?? '']))
  }
  if (names.kind !== 'list' || !names.table) return undefined
  const cells = names.table.rows[place] ?? []
  return Object.fromEntries(names.table.columns.map((name, column) => [name, cells[column] ?? '']))
}

function patternText({ prefix, from, width, suffix }: Extract<ItemNames, { kind: 'pattern' }>, place: number): string {
  return prefix + String(from + place).padStart(width, '0') + suffix
}

/** How many values a column of a product has. */
export function valueCount(values: ColumnValues): number {
  return values.kind === 'list' ? values.values.length : values.count
}

function productCells(columns: readonly ProductColumn[], place: number): string[] {
  let rest = place
  return columns
    .map((_, column) => column)
    .reduceRight<string[]>((cells, column) => {
      const { values } = columns[column] as ProductColumn
      const count = valueCount(values)
      const at = rest % count
      rest = Math.floor(rest / count)
      cells[column] = values.kind === 'list' ? (values.values[at] ?? '') : patternText(values, at)
      return cells
    }, [])
}

/** How many numbers of items are taken. */
export function numberCount({ items, numbers = items }: Pick<Plan, 'items' | 'numbers'>): number {
  return numbers
}

/** True: nobody knows yet which items it has. */
export function isUnlisted({ late }: Pick<Batch, 'late'>): boolean {
  return late?.isListed === false
}

/** The batch an item belongs to. */
export function batchOf(plan: Plan, item: ItemIndex): Batch {
  const batches = byFirst(plan)
  let low = 0
  let high = batches.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((batches[middle] as Batch).first <= item) low = middle
    else high = middle - 1
  }
  // Batches without items share `first` with the next one: the last of them holds the item.
  return batches[low] as Batch
}

const sorted = new WeakMap<Plan, readonly Batch[]>()

/** Items of late batches stand behind those of all others, wherever the batch stands. */
function byFirst(plan: Plan): readonly Batch[] {
  if (!plan.hasLate) return plan.batches
  const known = sorted.get(plan)
  if (known) return known
  const found = plan.batches.filter(({ count }) => count > 0).toSorted((one, other) => one.first - other.first)
  sorted.set(plan, found)
  return found
}
