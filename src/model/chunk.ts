/** What the supervisor and a thread say to each other. */
import type { LogRef } from './event.ts'
import type { BatchIndex, ItemIndex, ThreadNumber } from './ids.ts'
import type { Json } from './json.ts'
import type { Batch, CommandWork, ModuleWork, Work } from './plan.ts'
import type { Reason } from './reason.ts'
import type { Command, Fields, Template } from './template.ts'
import type { Bytes, Millis } from './units.ts'

/** The items one message carries to a thread, all of one batch. Arrays are by place in the chunk. */
export interface Chunk {
  /** Rises with every chunk of the run; reports are idempotent by (chunk, place). */
  readonly id: number
  readonly batch: BatchWork
  readonly items: readonly ItemIndex[]
  readonly names: readonly string[]
  readonly attempts: readonly number[]
  /** What is known of each item by column; left out where its batch has no columns. */
  readonly fields?: readonly Fields[]
}

/** What a thread must know of a batch to run its items. */
export interface BatchWork<Kind extends Work = Work> {
  readonly index: BatchIndex
  readonly id: string
  readonly work: Kind
  /** Longest time of one attempt. */
  readonly timeout?: Millis
  /** Values the items may read: batches this one needs, by id, with where their values stand. */
  readonly results: readonly ResultSource[]
  /** `with` and `task` of items that differ, by item index as text. */
  readonly special: Readonly<Record<string, { readonly task?: string; readonly with?: Json; readonly run?: Command }>>
  readonly outputs?: readonly Template[]
  /** Most output kept of one attempt. */
  readonly logLimit?: Bytes
}

/** A batch whose items are run by task modules, or by commands. */
export type ModuleBatch = BatchWork<ModuleWork>
export type CommandBatch = BatchWork<CommandWork>

export interface ResultSource {
  readonly batch: string
  /** Values files in order, absolute paths. */
  readonly files: readonly string[]
  /** Bytes that are durable, over all files. */
  readonly end: number
  /** As in `Batch`: lines that do not count any more. */
  readonly voids?: Batch['voids']
}

/** How one attempt ended, as the thread saw it. */
export type ItemResult =
  | {
      readonly ok: true
      readonly place: number
      readonly ms: Millis /** JSON text. */
      readonly value?: string
      readonly log?: LogRef
      /** How many processes it left behind, which were ended. */
      readonly leftover?: number
    }
  | {
      readonly ok: false
      readonly place: number
      readonly ms: Millis
      readonly reason: Reason
      /** False: the task's `retryable(error)` said no. */
      readonly isRetryable: boolean
      /** RetryAfter: not a failure, try again after this time. */
      readonly retryAfter?: Millis
      readonly log?: LogRef
      readonly leftover?: number
    }

/**
 * What a thread tells the supervisor. Every chunk ends with exactly one `chunk.ended` or with `thread.lost`; `thread.frozen` does
 * not end it. Each place of it is in exactly one report: ended, succeeded, taken, interrupted, running or orphaned.
 */
export type ThreadReport =
  /** The process is ready for its first chunk. */
  | { readonly type: 'thread.ready'; readonly thread: ThreadNumber; readonly pid: number }
  | {
      readonly type: 'items.ended'
      readonly thread: ThreadNumber
      readonly chunk: number
      readonly results: readonly ItemResult[]
    }
  /** A run of plain successes, without value or output: places `from`, `from + 1`, … with their times, to 0.01 ms. */
  | {
      readonly type: 'items.succeeded'
      readonly thread: ThreadNumber
      readonly chunk: number
      readonly from: number
      readonly ms: readonly number[]
    }
  /** Begun, but ended by `interrupt` or `stop`: they may go back to the queue without using an attempt. */
  | {
      readonly type: 'items.interrupted'
      readonly thread: ThreadNumber
      readonly chunk: number
      readonly places: readonly number[]
    }
  /** Unstarted items taken back (places in the chunk), before a freeze or on request. */
  | {
      readonly type: 'items.taken'
      readonly thread: ThreadNumber
      readonly chunk: number
      readonly places: readonly number[]
    }
  /** Nothing of the chunk is left on the thread; it is free. */
  | { readonly type: 'chunk.ended'; readonly thread: ThreadNumber; readonly chunk: number }
  | {
      readonly type: 'item.progressed'
      readonly thread: ThreadNumber
      readonly chunk: number
      readonly place: number
      readonly fraction?: number
      readonly note?: string
      readonly log?: LogRef
    }
  | { readonly type: 'thread.frozen'; readonly thread: ThreadNumber }
  | { readonly type: 'thread.thawed'; readonly thread: ThreadNumber }
  /** Its running item stands at a tick, as `hold` asked. It may be said again after each `hold`. */
  | { readonly type: 'thread.held'; readonly thread: ThreadNumber }
  /** It collected its garbage, as `reclaim` asked. `freed`: what its heap and buffers became smaller by. */
  | {
      readonly type: 'thread.reclaimed'
      readonly thread: ThreadNumber
      readonly freed: Bytes
      readonly ms: Millis
    }
  /** What its worker says of itself, now and then while it runs something. */
  | {
      readonly type: 'thread.measured'
      readonly thread: ThreadNumber
      readonly heap: Bytes
      /** Buffers and other memory outside the heap. */
      readonly external: Bytes
    }
  /**
   * The process died. `running`: place of the item that was running, if one was; `orphaned`: places behind it that were not
   * reported (the last of them may have begun). The thread starts a new process by itself and then reports `thread.ready` again.
   */
  | {
      readonly type: 'thread.lost'
      readonly thread: ThreadNumber
      readonly reason: Reason
      readonly chunk?: number
      readonly running?: number
      readonly orphaned: readonly number[]
    }
  /** The process ended because `stop` asked it to. */
  | { readonly type: 'thread.stopped'; readonly thread: ThreadNumber }
  /** The process cannot be started at all (three times in a row). */
  | { readonly type: 'thread.broken'; readonly thread: ThreadNumber; readonly reason: Reason }

/** What a thread can be asked for. */
export interface ThreadAbilities {
  /** Stops at a tick, with its process going on. */
  readonly hold: boolean
  /** Collects its garbage on request. */
  readonly reclaim: boolean
}

/** What one look at memory and CPU gives. */
export interface Sample {
  readonly system: {
    readonly total: Bytes
    readonly available: Bytes
    /** Share of the last 10 s in which something waited for memory, 0..1; left out where the kernel does not say. */
    readonly pressure?: number
  }
  /** RssAnon + RssShmem of each thread's process tree, and its CPU use since the last look (1 is a whole core). */
  readonly threads: readonly { readonly thread: ThreadNumber; readonly used: Bytes; readonly cpu: number }[]
}
