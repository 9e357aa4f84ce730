/**
 * The durable facts of a run, as arrays of numbers: an item is an index, so a million of them cost 14 MB and not 200.
 * Two watermarks live side by side: `applied` counters move when an event happens (the scheduler hands out work by them),
 * `durable` ones when its journal frame is on disk (everything shown, printed or unlocked reads those).
 * `reduce` and `settle` are the only writers; replaying a journal through both gives the same facts as living it.
 */
import type { By, Outcome } from '../model/event.ts'
import type { BatchIndex, ItemIndex, RunId, ThreadNumber } from '../model/ids.ts'
import { runId } from '../model/ids.ts'
import type { Batch, Plan } from '../model/plan.ts'
import { batchOf, isUnlisted, numberCount } from '../model/plan.ts'
import type { Because, Reason } from '../model/reason.ts'
import type { EventView } from '../model/snapshot.ts'
import type { Bytes, WallTime } from '../model/units.ts'
import { wallTime } from '../model/units.ts'
import { BackoffWheel } from './backoff-wheel.ts'
import { Durations } from './durations.ts'
import { ItemLabels } from './item-labels.ts'
import { ItemQueue } from './item-queue.ts'
import { Reasons } from './reasons.ts'
import { Sizes } from './sizes.ts'

/** States of an item. `handed`: in a chunk on a thread, running or about to. `waiting`: in backoff. The last three are final. */
export const STATUS = { queued: 0, handed: 1, waiting: 2, succeeded: 3, failed: 4, skipped: 5 } as const

/** By item index. */
export interface ItemTable {
  /** One of STATUS. */
  readonly status: Uint8Array
  /** How often the item was started; 65 535 and more are one. */
  readonly attempts: Uint16Array
  /** How many of those starts failed in a way that counts against `retry`. */
  readonly failures: Uint16Array
  /** Milliseconds the last ended attempt took. */
  readonly ms: Float32Array
}

/** Items in a final state. */
export interface Counts {
  succeeded: number
  failed: number
  skipped: number
  /** Those of `skipped` that a person skipped: they count as done for whoever needs the batch. */
  skippedByUser: number
}

export interface Tally extends Counts {
  /** Whether it is known which items there are. `due`: a late batch, not listed yet. `skipped`: one that can never start. */
  listing: 'known' | 'due' | 'skipped'
}

export interface BatchState {
  readonly index: BatchIndex
  /** Grows when a late batch is listed. */
  count: number
  readonly applied: Tally
  readonly durable: Tally
  /** Items handed to threads. */
  handed: number
  /** Items in backoff. */
  waiting: number
  /** Place in the batch of the first item that was never handed out. */
  cursor: number
  /** Items before the cursor that are back in the queue. */
  readonly returned: ItemQueue
  durations: Durations
  sizes: Sizes
  startedAt: WallTime | undefined
  endedAt: WallTime | undefined
  pausedBy: By | undefined
  /** Why its items were skipped as a whole. */
  because: Because | undefined
  /** Undefined where the plan gives it none. */
  readonly breaker: BreakerFacts | undefined
  /** Items that have failed and whose undo has not ended, the newest failure last. */
  toUndo: ItemIndex[]
  /** The same as far as it is on disk. */
  readonly toUndoDurably: Set<ItemIndex>
}

/** What the breaker of a batch goes by. */
export interface BreakerFacts {
  /** How the last attempts that count ended, oldest first, a `MARK` each; while it is open, how that of `trial` ended. */
  outcomes: string
  opened: { readonly failures: number; readonly of: number; readonly until: WallTime } | undefined
  /** The item that tries alone. */
  trial: ItemIndex | undefined
}

/** What the undo of an item came to. */
export interface Undone {
  /** Left out: it succeeded. */
  readonly reason?: Reason
}

/** A stretch of the timeline; `to` is undefined while it goes on. */
export interface OpenSpan {
  readonly thread: ThreadNumber
  readonly batch: BatchIndex
  readonly from: WallTime
  to: WallTime | undefined
}

/** What is known of an item that had too little memory. */
export interface Appetite {
  /** Attempts that failed for memory: they do not count in `ItemTable.failures`. */
  readonly failures: number
  /** Most it was seen to take: it needs more than that. */
  readonly peak: Bytes
}

export interface ThreadFacts {
  isStarted: boolean
  paused: { readonly by: By; readonly at: WallTime } | undefined
  replaced: number
  done: number
  /** Items it holds. */
  handed: number
  /** Its newest stretch of the timeline. */
  span: OpenSpan | undefined
}

export interface RunState {
  /** Another object once a late batch is listed. */
  plan: Plan
  /** Another object, longer, once a late batch is listed. */
  items: ItemTable
  readonly batches: readonly BatchState[]
  /** By thread number - 1; grows when threads are added. */
  readonly threads: ThreadFacts[]
  /** Last reason of items that failed or are retried; beyond some thousands only its kind. */
  readonly reasons: Reasons
  /** Why single items were skipped. */
  readonly because: ItemLabels<Because>
  /** How often an item lost its host process. */
  readonly losses: Map<ItemIndex, number>
  /** How many supervisors died while an item was on a thread. */
  readonly deaths: Map<ItemIndex, number>
  /** Items in no final state that failed for memory or were evicted. They are found here and nowhere else: no queue holds them. */
  readonly appetites: Map<ItemIndex, Appetite>
  /** Failed items whose undo has run. */
  readonly undone: Map<ItemIndex, Undone>
  readonly backoff: BackoffWheel
  readonly spans: OpenSpan[]
  /** The last events worth a line on a screen, durable ones only. */
  readonly events: EventView[]
  /** What the governor did last, durable ones only. */
  readonly acted: EventView[]
  run: RunId
  epoch: number
  /** Which compiled plan of the run `plan` is. */
  planVersion: number
  startedAt: WallTime
  /** When the last event happened. */
  lastAt: WallTime
  endedAt: WallTime | undefined
  draining: 'no' | 'drain' | 'now'
  outcome: Outcome | undefined
  exit: number | undefined
  /** Seq of the last durable event. */
  seq: number
}

/** The facts before anything happened. */
export function createRunState(plan: Plan): RunState {
  const numbers = numberCount(plan)
  return {
    plan,
    items: createTable(numbers),
    batches: plan.batches.map(createBatchState),
    threads: [],
    reasons: new Reasons(numbers),
    because: new ItemLabels(numbers),
    losses: new Map(),
    deaths: new Map(),
    appetites: new Map(),
    undone: new Map(),
    backoff: new BackoffWheel(),
    spans: [],
    events: [],
    acted: [],
    run: runId(''),
    epoch: 0,
    planVersion: 1,
    startedAt: wallTime(0),
    lastAt: wallTime(0),
    endedAt: undefined,
    draining: 'no',
    outcome: undefined,
    exit: undefined,
    seq: 0,
  }
}

function createTable(items: number): ItemTable {
  return {
    status: new Uint8Array(items),
    attempts: new Uint16Array(items),
    failures: new Uint16Array(items),
    ms: new Float32Array(items),
  }
}

/** Makes room for so many items. */
export function growItems(state: RunState, items: number): void {
  const { status, attempts, failures, ms } = state.items
  state.items = createTable(items)
  state.items.status.set(status)
  state.items.attempts.set(attempts)
  state.items.failures.set(failures)
  state.items.ms.set(ms)
  state.reasons.grow(items)
  state.because.grow(items)
}

function createBatchState(batch: Batch): BatchState {
  const { index, count, breaker } = batch
  const listing = isUnlisted(batch) && count === 0 ? 'due' : 'known'
  return {
    index,
    count,
    applied: emptyTally(listing),
    durable: emptyTally(listing),
    handed: 0,
    waiting: 0,
    cursor: 0,
    returned: new ItemQueue(),
    durations: new Durations(),
    sizes: new Sizes(),
    startedAt: undefined,
    endedAt: undefined,
    pausedBy: undefined,
    because: undefined,
    breaker: breaker && { outcomes: '', opened: undefined, trial: undefined },
    toUndo: [],
    toUndoDurably: new Set(),
  }
}

function emptyTally(listing: Tally['listing']): Tally {
  return { succeeded: 0, failed: 0, skipped: 0, skippedByUser: 0, listing }
}

/** Facts of a thread, made when it is first heard of. */
export function threadFacts(state: RunState, thread: ThreadNumber): ThreadFacts {
  while (state.threads.length < thread) {
    state.threads.push({ isStarted: false, paused: undefined, replaced: 0, done: 0, handed: 0, span: undefined })
  }
  return state.threads[thread - 1] as ThreadFacts
}

/** Items in a final state. */
export function ended(tally: Counts): number {
  return tally.succeeded + tally.failed + tally.skipped
}

/** Whether so many items of a batch are all that will ever be, and all in a final state. */
export function isComplete(tally: Tally, count: number): boolean {
  return ended(tally) === count && tally.listing !== 'due'
}

/** Items in no final state or still to be undone; a late batch that is not listed yet counts as one. */
export function leftToDo({ plan, batches }: RunState, by: 'applied' | 'durable'): number {
  return batches.reduce((left, { [by]: tally, toUndo, toUndoDurably }) => {
    const undos = by === 'applied' ? toUndo.length : toUndoDurably.size
    return left - ended(tally) + undos + (tally.listing === 'due' ? 1 : 0)
  }, plan.items)
}

/** Whether nothing of a batch is left to do: every item is in a final state, and what failed is undone where it is to be. */
export function isFinished({ applied, count, toUndo }: BatchState): boolean {
  return isComplete(applied, count) && toUndo.length === 0
}

/** Items of a batch that may be handed out as far as the batch itself is concerned. */
export function queued(batch: BatchState): number {
  return batch.count - ended(batch.applied) - batch.handed - batch.waiting
}

export function batchState(state: RunState, index: BatchIndex): BatchState {
  const batch = state.batches[index]
  if (!batch) throw new Error(`No batch ${index} in plan ${state.plan.name}`)
  return batch
}

/** Why an item was skipped, where it was: a reason of its own, or that of its batch. */
export function becauseOf(state: RunState, item: ItemIndex): Because | undefined {
  if (state.items.status[item] !== STATUS.skipped) return undefined
  return state.because.get(item) ?? batchState(state, batchOf(state.plan, item).index).because
}
