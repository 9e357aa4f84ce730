/**
 * The public API of task modules, imported as `batchtop/task`:
 *
 *     import { defineTask } from 'batchtop/task'
 *     export default defineTask(async (item, context) => { … return value })
 *
 * A returned value is JSON, at most 64 KB. Optional exports of a module: `setup(context)`, once on every thread before the batch's
 * first item there; `teardown(context)`, when the thread goes on to another batch or stops; `retryable(error)`, false = do not
 * try this item again. What a task prints is its item's log.
 */
import type { Json } from '../model/json.ts'
import { parseTime } from '../model/units.ts'

export type { Json } from '../model/json.ts'

/** What a task is run for. */
export interface Item {
  /** Its name, unique in the batch. */
  readonly id: string
  /** Its number in the whole plan, from 1. */
  readonly number: number
  /** Id of its batch. */
  readonly batch: string
  /** What the plan says about this item alone: its own `with`, else its columns, as texts; null where it has neither. */
  readonly data: Json
}

/** What `setup` and `teardown` get. */
export interface BatchContext {
  /** Id of the batch. */
  readonly batch: string
  /** Number of the thread, from 1. */
  readonly thread: number
  /** `with` of the plan: the item's own, else the batch's; null where there is none. */
  readonly with: Json
  /** Adds a line to the log of the item that runs. */
  readonly log: (text: string) => void
  /**
   * The values that the items of a batch returned, in the order they succeeded. The batch must be one that this one needs.
   * @throws Error for any other batch
   */
  readonly results: (batch: string) => AsyncIterable<ItemValue>
}

export interface ItemValue {
  /** Name of the item. */
  readonly item: string
  readonly value: Json
}

/** What a task gets besides its item. */
export interface TaskContext extends BatchContext {
  /** Aborted when the attempt is to end: timed out, ended by a person, run stopped, its memory needed. Who never looks at it is ended at once. */
  readonly signal: AbortSignal
  /** From 1; rises with every start of the item. */
  readonly attempt: number
  /** Stays the same over all attempts of the item in this run: an idempotency key for other systems. */
  readonly key: string
  /**
   * Moves the item's bar.
   * @param fraction 0 to 1; undefined where only the note is known
   * @param note a few words, cut after 256 bytes
   */
  readonly progress: (fraction: number | undefined, note?: string) => void
  /**
   * A point where a synchronous task can be held, and where its garbage is collected when memory is short.
   * @throws the signal's reason when the attempt is to end
   */
  readonly tick: () => void
  /**
   * The same for an asynchronous task: while held, timers and input of the task go on.
   * @throws the signal's reason when the attempt is to end
   */
  readonly pausePoint: () => Promise<void>
}

/** A task module's default export. Returning nothing is fine. */
export type Task = (item: Item, context: TaskContext) => unknown

/** Gives a task its types without annotations. */
export function defineTask(task: Task): Task {
  return task
}

/** Thrown by a task: not a failure, try the item again after this time without using an attempt. */
export class RetryAfter extends Error {
  /** Milliseconds. */
  readonly time: number

  /** @param time milliseconds, or a text such as `30s` or `5m` */
  constructor(time: number | string) {
    super(`asked to run again after ${typeof time === 'number' ? `${time}ms` : time}`)
    this.name = 'RetryAfter'
    const parsed = typeof time === 'number' ? time : parseTime(time)
    if (parsed === undefined || !(parsed >= 0))
      throw new TypeError(`RetryAfter takes milliseconds or a time such as 30s, not ${time}`)
    this.time = parsed
  }
}
