/**
 * Everything that happens in a run, as facts in the past tense. The journal holds these, `run/reduce` makes state of them,
 * and `view/json` turns them into the JSON lines of the contract. Items come in groups, because a chunk of a hundred
 * no-ops is one message, one event and one journal record.
 */
import type { BatchIndex, ItemIndex, RunId, ThreadNumber } from './ids.ts'
import type { ItemNames, MemoryPlan } from './plan.ts'
import type { Because, Reason } from './reason.ts'
import type { Bytes, Millis, WallTime } from './units.ts'

export type By = 'user' | 'governor'

export type Outcome = 'succeeded' | 'failed' | 'stopped'

/** `interval`, `size` of the journal since the last; `user`: asked for, or everything was paused; `stop`: the end, however it came. */
export type CheckpointReason = 'interval' | 'size' | 'governor' | 'user' | 'stop'

/** What the governor does about memory, in the order in which it gets serious; `resume` takes a pause back. */
export type GovernorStage =
  /** Nothing starts that does not fit. */
  | 'hold'
  /** A thread collects its garbage and returns the memory to the system. */
  | 'reclaim'
  /** Smaller items first; what the heaviest thread has not begun goes to others. */
  | 'rebalance'
  | 'pause'
  | 'resume'
  | 'checkpoint'
  /** The item of a paused thread goes back to the queue. */
  | 'requeue'
  /** A thread's process is ended. */
  | 'kill'

/** Where a returned value stands: a place in the batch's values files, which are cut every 64 MB. */
export interface ValueRef {
  /** Bytes from the start of the batch's first values file, as if all its files were one. */
  readonly offset: number
  readonly length: number
}

/** Where an attempt's output stands: logs/t<thread>-<file>.log. */
export interface LogRef {
  readonly file: number
  readonly offset: number
  readonly length: number
}

/** Fields of every event that ends one attempt of one item. */
interface AttemptEnded {
  readonly item: ItemIndex
  readonly thread: ThreadNumber
  /** From 1; rises with every start of the item. */
  readonly attempt: number
  readonly ms: Millis
  readonly reason: Reason
  readonly log?: LogRef
  /** Most memory its thread took meanwhile; left out where it was over before anybody looked. */
  readonly peak?: Bytes
  /** How many processes it left behind, which were ended; left out: none. */
  readonly leftover?: number
}

/** Fields of every event that a supervisor begins with. */
interface SupervisorBegan {
  readonly run: RunId
  /** The plan's name. */
  readonly plan: string
  readonly items: number
  readonly threads: number
  readonly memory: MemoryPlan
  readonly epoch: number
}

export type RunEvent =
  | ({ readonly type: 'run.started' } & SupervisorBegan)
  /**
   * A supervisor goes on with a run that an earlier one left, however that ended. Items that were on threads are in the queue
   * again, pauses of a person hold, everything about processes is forgotten. Under another plan, items that were skipped for a need
   * are in the queue as well: what they need may have changed.
   */
  | ({
      readonly type: 'run.recovered'
      /** Which compiled plan holds from here on: item numbers of later events are places in it. 1 is the plan of the start. */
      readonly planVersion: number
      /** What became of ended items whose work is another in this plan. */
      readonly changed: 'rerun' | 'keep'
      /** Items that have succeeded. */
      readonly succeeded: number
      /** Items that were on threads, or had ended and run again because their work changed. */
      readonly requeued: number
      /** Items that are in this plan only. */
      readonly new: number
      /** Items that were in the plan before only. */
      readonly gone: number
      /** Threads that a person paused and that stay so. */
      readonly paused: number
      /** Were on a thread when the supervisor died once too often: they stay there, and their `item.failed` follow. */
      readonly lost: readonly ItemIndex[]
    } & SupervisorBegan)
  /** The disk takes the journal again. Everything that came meanwhile was kept in memory and stands behind this. */
  | { readonly type: 'journal.resumed'; readonly message: string; readonly ms: Millis }
  | { readonly type: 'thread.started'; readonly thread: ThreadNumber }
  | { readonly type: 'thread.paused'; readonly thread: ThreadNumber; readonly by: By }
  | { readonly type: 'thread.resumed'; readonly thread: ThreadNumber; readonly by: By }
  | { readonly type: 'thread.replaced'; readonly thread: ThreadNumber; readonly reason: Reason }
  | { readonly type: 'thread.stopped'; readonly thread: ThreadNumber }
  | { readonly type: 'batch.started'; readonly batch: BatchIndex }
  | { readonly type: 'batch.paused'; readonly batch: BatchIndex; readonly by: By }
  | { readonly type: 'batch.resumed'; readonly batch: BatchIndex; readonly by: By }
  | {
      readonly type: 'batch.finished'
      readonly batch: BatchIndex
      readonly succeeded: number
      readonly failed: number
      readonly skipped: number
      readonly ms: Millis
    }
  /** Items handed to a thread; each one's attempt number rises by one. Journaled without waiting. */
  | {
      readonly type: 'chunk.started'
      readonly thread: ThreadNumber
      readonly batch: BatchIndex
      readonly items: readonly ItemIndex[]
    }
  /**
   * Items of a chunk back in the queue. `untouched`: taken back before they began, so their attempt number falls again.
   * `interrupted`: ended by a stop, used no try. `lost`: their thread's process died under them (only the item that was
   * running counts a loss; it comes alone, the unstarted rest comes as `orphaned`). `postponed`: threw RetryAfter. `evicted`: the
   * governor needed its memory; used no try, and is expected to need more than `peak` next time.
   */
  | {
      readonly type: 'items.returned'
      readonly thread: ThreadNumber
      readonly batch: BatchIndex
      readonly items: readonly ItemIndex[]
      readonly how: 'untouched' | 'interrupted' | 'orphaned' | 'lost' | 'postponed' | 'evicted'
      /** For `postponed`: not before. */
      readonly retryAt?: WallTime
      /** For `evicted`: what its thread took. */
      readonly peak?: Bytes
    }
  | {
      readonly type: 'items.succeeded'
      readonly thread: ThreadNumber
      readonly batch: BatchIndex
      readonly items: readonly ItemIndex[]
      readonly attempts: readonly number[]
      readonly ms: readonly number[]
      /** By place in `items`; left out where no item returned a value. */
      readonly values?: readonly (ValueRef | null)[]
      /** By place in `items`; left out where no item wrote output. */
      readonly logs?: readonly (LogRef | null)[]
      /** Most memory the thread took meanwhile, in bytes, by place in `items`; left out where nobody looked. */
      readonly peaks?: readonly (number | null)[]
      /** How many processes each left behind, which were ended, by place in `items`; left out where none did. */
      readonly leftovers?: readonly number[]
    }
  | ({ readonly type: 'item.retrying'; readonly retryAt: WallTime } & AttemptEnded)
  | ({ readonly type: 'item.failed' } & AttemptEnded)
  | {
      readonly type: 'items.skipped'
      readonly batch: BatchIndex
      /** All that are in no final state and not running, or these. */
      readonly items: 'rest' | readonly ItemIndex[]
      /** How many that are. */
      readonly count: number
      readonly because: Because
    }
  /** A person's `retry`: back to the queue with a fresh retry budget. */
  | {
      readonly type: 'items.requeued'
      /** Had failed. */
      readonly failed: readonly ItemIndex[]
      /** Had been skipped by a person. */
      readonly skipped: readonly ItemIndex[]
      /** Batches whose items had been skipped for a need that may be met now, and how many items that were. */
      readonly unskipped: readonly { readonly batch: BatchIndex; readonly count: number }[]
    }
  /** The items of a late batch are known: they stand behind all others. */
  | {
      readonly type: 'batch.listed'
      readonly batch: BatchIndex
      readonly names: ItemNames
      readonly count: number
      /** They could not be listed: the one item, named as the batch, stands for that, and its `item.failed` follows. */
      readonly isFailed?: true
    }
  /** Too many attempts of a batch failed: nothing of it starts until then, and after that one item alone. */
  | {
      readonly type: 'breaker.opened'
      readonly batch: BatchIndex
      /** Failed of the last attempts, and how many those are. */
      readonly failures: number
      readonly of: number
      readonly until: WallTime
    }
  | { readonly type: 'breaker.closed'; readonly batch: BatchIndex }
  /** The `undo` of an item that finally failed has run, once. */
  | {
      readonly type: 'item.undone'
      readonly item: ItemIndex
      readonly thread: ThreadNumber
      readonly ms: Millis
      /** Why it did not succeed; left out: it did. */
      readonly reason?: Reason
      readonly log?: LogRef
    }
  | { readonly type: 'run.draining'; readonly isNow: boolean }
  | {
      readonly type: 'run.finished'
      readonly outcome: Outcome
      readonly succeeded: number
      readonly failed: number
      readonly skipped: number
      readonly left: number
      readonly ms: Millis
      readonly exit: number
    }
  | {
      readonly type: 'checkpoint.written'
      readonly bytes: Bytes
      readonly ms: Millis
      readonly reason: CheckpointReason
    }
  | {
      readonly type: 'governor.acted'
      readonly stage: GovernorStage
      readonly thread?: ThreadNumber
      /** Memory of the thread, or of all threads where it names none, before and after. */
      readonly before: Bytes
      readonly after: Bytes
      /** From the wish to its end. */
      readonly ms: Millis
      /** In words, without full stop, such as `10.4 of 12 GB in sight`. */
      readonly why: string
    }

/** An event as the journal knows it. */
export interface JournaledEvent {
  /** Number of the event in its run, from 1, rising. */
  readonly seq: number
  /** When its journal frame was begun. */
  readonly at: WallTime
  readonly event: RunEvent
}
