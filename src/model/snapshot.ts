/**
 * What a screen, `status` or a metric is drawn from: a small picture of a run at its durable watermark, whoever gives it
 * (a live supervisor over the socket, or a journal being replayed). Its size follows threads and batches, never items.
 */
import type { By, Outcome, RunEvent } from './event.ts'
import type { BatchIndex, ItemIndex, RunId, ThreadNumber } from './ids.ts'
import type { Level, MemoryPlan } from './plan.ts'
import type { Bytes, Millis, WallTime } from './units.ts'

export interface RunSnapshot {
  readonly head: Head
  readonly phases: readonly PhaseView[]
  /** By thread number, from 1. */
  readonly threads: readonly ThreadView[]
  /** By batch index. */
  readonly batches: readonly BatchView[]
  readonly memory: MemoryView
  /** Which batch ran on which thread when, oldest first. At most the last 2 000. */
  readonly spans: readonly Span[]
  /** Newest last. At most the last 200. */
  readonly events: readonly EventView[]
}

export type RunStateWord = 'running' | 'draining' | 'paused' | 'ended' | 'interrupted'

export interface Head {
  readonly run: RunId
  readonly plan: string
  readonly planPath: string
  readonly stateDir: string
  readonly state: RunStateWord
  readonly epoch: number
  readonly startedAt: WallTime
  readonly clock: Clock
  /** Items in all, as far as they are listed. */
  readonly total: number
  /** How many late batches are to be listed yet; left out: none. */
  readonly unlisted?: number
  readonly succeeded: number
  readonly failed: number
  readonly skipped: number
  readonly running: number
  /** In backoff. */
  readonly waiting: number
  /** Ready or blocked by needs: total less all of the above. */
  readonly queued: number
  /** Items ended a minute over the last minutes; left out while too few ended to say. */
  readonly rate?: number
  /** Left to go; left out while nobody could say. */
  readonly eta?: { readonly p50: Millis; readonly p90: Millis }
  /** Highest journaled event number this picture includes. */
  readonly seq: number
  readonly outcome?: Outcome
  readonly exit?: number
  /** True: the run belongs to the command that started it. */
  readonly isForeground: boolean
  /** The disk does not take the journal: nothing starts, what has ended is kept in memory. */
  readonly trouble?: Trouble
}

/** Why the journal cannot be written. */
export interface Trouble {
  /** In words, such as `the disk is full (ENOSPC)`. */
  readonly message: string
  readonly since: WallTime
  /** Events that are not on disk. */
  readonly events: number
}

/** A running or a stopped clock. Running: it shows now - since (pauses already taken out by moving `since`). */
export type Clock = { readonly since: WallTime } | { readonly elapsed: Millis }

export interface PhaseView {
  readonly id: string
  readonly title: string
  readonly state: 'waiting' | 'running' | 'ended'
  readonly total: number
  readonly done: number
}

export type ThreadStateWord =
  /** Its process starts. */
  | 'starting'
  | 'running'
  /** A person or the governor paused it. */
  | 'paused'
  /** A pause is under way: the running item finishes first. */
  | 'pausing'
  /** Nothing may run on it but items in backoff. */
  | 'retry'
  /** Nothing may run on it: `why` says what it waits for. */
  | 'waiting'
  /** Its running item is being ended. */
  | 'ending'
  /** Its process died and a new one starts. */
  | 'replacing'
  /** Fewer threads were asked for, or the run is over. */
  | 'stopped'

export interface ThreadView {
  readonly thread: ThreadNumber
  readonly state: ThreadStateWord
  readonly batch?: BatchIndex
  /** The item that runs, or for `retry` the one that is due next. */
  readonly item?: { readonly index: ItemIndex; readonly name: string; readonly attempt: number; readonly tries: number }
  /** True: what the item did is being undone; it has failed for good. */
  readonly isUndo?: boolean
  /** Time of this attempt. */
  readonly clock?: Clock
  /** 0..1, where the item reports it. */
  readonly fraction?: number
  readonly note?: string
  /** retry, and waiting where only time is missing: not before. */
  readonly retryAt?: WallTime
  /** waiting: in words, such as `needs 3.1, 3.4`. */
  readonly why?: string
  readonly paused?: { readonly by: By; readonly at: WallTime }
  readonly used: Bytes
  readonly cap: Bytes
  /** What its running item is expected to take. */
  readonly expected?: Bytes
  /** Parts of `used` that its worker knows of. */
  readonly heap?: Bytes
  readonly external?: Bytes
  /** 1 is a whole core. */
  readonly cpu: number
  /** How often its process was replaced. */
  readonly replaced: number
  /** Items it has ended. */
  readonly done: number
}

export interface BatchView {
  readonly index: BatchIndex
  readonly id: string
  readonly title: string
  /** Index into `phases`. */
  readonly phase?: number
  readonly category?: string
  readonly level: Level
  /** `left`: the run is over and some of its items are not. */
  readonly state: 'waiting' | 'ready' | 'running' | 'paused' | 'ended' | 'left'
  readonly total: number
  /** Its items are listed when it may start: `total` says nothing. Where it has ended, it never could. */
  readonly isUnlisted?: true
  readonly succeeded: number
  readonly failed: number
  readonly skipped: number
  readonly running: number
  /** In backoff. */
  readonly waiting: number
  /** What it waits for that is not yet met, as ids; or the phase before it. */
  readonly needs: readonly string[]
  /** Its breaker is open: so many of its last attempts failed. Nothing starts until then, and after that one item alone. */
  readonly breaker?: { readonly failures: number; readonly of: number; readonly until: WallTime }
  /** Failed items that are still to be undone; left out: none. */
  readonly toUndo?: number
  readonly startedAt?: WallTime
  readonly endedAt?: WallTime
  /** Usual time of an item: the median of those that succeeded; left out before three did. */
  readonly usual?: Millis
  /** 95 of 100 items took less; left out before twenty succeeded. */
  readonly p95?: Millis
  /** Usual size of an item: 90 of 100 took less; left out before three were measured. */
  readonly size?: Bytes
}

/** Who ends a thread that passes its cap: the kernel as well, through control groups of version 2 or 1, or the governor alone. */
export type CapBacking = 'cgroup2' | 'cgroup1' | 'polling'

export interface MemoryView extends MemoryPlan {
  /** What the threads may use right now: `budget`, or less while others need the memory. */
  readonly budgetNow: Bytes
  /** Left out where nobody knows any more. */
  readonly backing?: CapBacking
  /** No item that is expected to need more than this starts now; left out while nothing is held back. */
  readonly holdsAbove?: Bytes
  /** What the governor did, newest last, at most 20. */
  readonly acted: readonly EventView[]
  /** All threads together. */
  readonly used: Bytes
  readonly system: { readonly total: Bytes; readonly available: Bytes; readonly pressure?: number }
  /** `used` every 5 s, oldest first, at most 60. */
  readonly history: readonly Bytes[]
  /** False until the first look. */
  readonly isKnown: boolean
}

/** A stretch of one thread's time spent on one batch. `to` is left out while it goes on. */
export interface Span {
  readonly thread: ThreadNumber
  readonly batch: BatchIndex
  readonly from: WallTime
  readonly to?: WallTime
}

/** An event worth a line on the screen, with the names a view cannot look up. */
export interface EventView {
  readonly seq: number
  readonly at: WallTime
  readonly event: RunEvent
  /** Name of the event's (first) item, where it has one. */
  readonly name?: string
  /** Id of the event's batch, where it has one. */
  readonly batch?: string
  /** Tries in all that the item's batch allows, where it has one. */
  readonly tries?: number
  /** How many items the event lists, where the first hundred stand for all of them here. */
  readonly count?: number
}

/** The parts of a snapshot that changed: threads and batches one by one, the rest whole, lists by what was added. */
export interface SnapshotDelta {
  readonly head?: Head
  readonly phases?: readonly PhaseView[]
  readonly threads?: readonly ThreadView[]
  /** There are only so many threads left. */
  readonly threadCount?: number
  readonly batches?: readonly BatchView[]
  readonly memory?: MemoryView
  /** Replaces all spans from this place on. */
  readonly spans?: { readonly from: number; readonly spans: readonly Span[] }
  readonly events?: readonly EventView[]
}
