/**
 * The journal's writing side: group commit. An event is taken at once and reported durable when the frame that holds it is on
 * disk. Idle, a commit begins at the end of the current turn; busy, at most every 10 ms, one in flight. May import model and run.
 * The supervisor is the only caller; one journal is open in a run at a time.
 */
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import type { JournaledEvent, RunEvent, ValueRef } from '../model/event.ts'
import type { RunId } from '../model/ids.ts'
import type { Trouble } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import { wallTime } from '../model/units.ts'
import type { Disk } from './disk.ts'
import { syncFolder, writeAll } from './disk.ts'
import { encodeEvents } from './encode.ts'
import { encodeFrame, fileHeader, journalName } from './frame.ts'
import { listValuesFiles, ValuesWriter } from './values.ts'

/** Least time from the begin of a commit to the begin of the next, in ms. */
const COMMIT_INTERVAL = 10

export interface Journal {
  /** Takes an event; its number. It will be durable soon. */
  append(event: RunEvent): number
  /** Takes a value that an item of this batch (its id) returned, as JSON text on one line. The event that names it is appended after it, in the same turn. */
  value(batch: string, item: string, json: string): ValueRef
  /** Waits until everything appended so far is durable, however long the disk is in trouble. Never settles where the journal is closed before that. */
  flush(): Promise<void>
  /**
   * Everything appended so far stays in the present file, everything later goes to a new one. The cut is taken at once, so the caller can copy its
   * state in the same turn. Resolves when all before it is durable and the new file is there; like `flush`, it waits through trouble.
   */
  rotate(): Promise<Rotated>
  /** Flushes and closes the files. Where the disk is in trouble it tries once more, then gives up. */
  close(): Promise<void>
  /** Number of the last event on disk. */
  readonly durableSeq: number
  /** What was written since the last cut, or since the journal was opened. */
  readonly since: Written
  /** Why nothing can be written just now; undefined: all is well. */
  readonly trouble: Trouble | undefined
  /** Bytes of a batch's values that are durable, over all its files. */
  valuesEnd(batch: string): number
  /** Absolute paths of the files that hold a batch's durable values, in order. */
  valueFiles(batch: string): readonly string[]
}

export interface Written {
  readonly events: number
  /** Bytes of journal frames. */
  readonly bytes: number
}

/** Where the journal was cut. */
export interface Rotated {
  /** The file that everything later goes to. */
  readonly generation: number
  /** Number of the last event before the cut. */
  readonly seq: number
  /** Bytes of each batch's values before the cut, by batch id. */
  readonly values: Readonly<Record<string, number>>
}

export interface JournalOptions {
  readonly run: RunId
  /** From 1; every generation is a file of its own. */
  readonly generation: number
  /** Number of the first event to come. */
  readonly firstSeq: number
  /** The caller's clock, which may be steadier than the machine's; left out: that one. */
  readonly now?: () => WallTime
  /** Called in order, after a commit, with what it made durable. */
  readonly onDurable: (events: readonly JournaledEvent[]) => void
  /** Called when the disk no longer takes what is written, and with undefined once everything kept meanwhile is durable. Nothing is ever lost in between. */
  readonly onTrouble: (trouble: Trouble | undefined) => void
  /** After a recovery: bytes of each batch's values that count, by batch id. What stands after them, and batches not named, is removed. */
  readonly valuesEnds?: Readonly<Record<string, number>>
  /** Time from a failed attempt to write to the next. */
  readonly retryMs?: number
  readonly disk?: Disk
}

/** Makes the journal file of a generation in the run's folder. Rejects where the file exists. */
export async function openJournal(folder: string, options: JournalOptions): Promise<Journal> {
  const existing = await listValuesFiles(folder)
  const handle = await open(join(folder, journalName(options.generation)), 'ax', 0o600)
  try {
    await writeAll(handle, Buffer.from(fileHeader(options.run, options.generation)))
    await handle.sync()
    await syncFolder(folder)
  } catch (error) {
    await handle.close()
    throw error
  }
  return new GroupCommit(handle, new ValuesWriter({ folder, existing }), options)
}

interface Waiter {
  readonly seq: number
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

class GroupCommit implements Journal {
  durableSeq: number
  readonly #handle: FileHandle
  readonly #values: ValuesWriter
  readonly #options: JournalOptions
  #lastSeq: number
  #frame = 0
  #pending: RunEvent[] = []
  #waiters: Waiter[] = []
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #begunAt = -COMMIT_INTERVAL
  #isCommitting = false
  #isClosed = false
  #error: Error | undefined

  constructor(handle: FileHandle, values: ValuesWriter, options: JournalOptions) {
    this.#handle = handle
    this.#values = values
    this.#options = options
    this.#lastSeq = options.firstSeq - 1
    this.durableSeq = this.#lastSeq
  }

  append(event: RunEvent): number {
    if (this.#isClosed) throw new Error(`The journal is closed: ${event.type}`)
    this.#pending.push(event)
    this.#schedule()
    return ++this.#lastSeq
  }

  value(batch: string, item: string, json: string): ValueRef {
    return this.#values.add(batch, item, json)
  }

  valuesEnd(batch: string): number {
    return this.#values.end(batch)
  }

  valueFiles(batch: string): readonly string[] {
    return this.#values.files(batch)
  }

  async flush(): Promise<void> {
    if (this.#error) throw this.#error
    if (this.durableSeq === this.#lastSeq) return
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#waiters.push({ seq: this.#lastSeq, resolve, reject })
    this.#schedule()
    await promise
  }

  readonly since: Written = { events: 0, bytes: 0 }
  readonly trouble: Trouble | undefined = undefined

  rotate(): Promise<Rotated> {
    return Promise.reject(new Error('Not built yet'))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    // A failure was told to onError: closing has nothing to add to it.
    await this.flush().catch(() => undefined)
    await this.#values.close()
    await this.#handle.close()
  }

  #schedule(): void {
    if (this.#isCommitting || this.#error || this.#pending.length === 0) return
    const wait = this.#waiters.length > 0 ? 0 : this.#begunAt + COMMIT_INTERVAL - performance.now()
    if (wait <= 0) this.#immediate ??= setImmediate(() => void this.#commit())
    else this.#timer ??= setTimeout(() => void this.#commit(), wait)
  }

  async #commit(): Promise<void> {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#timer = undefined
    this.#immediate = undefined
    this.#isCommitting = true
    this.#begunAt = performance.now()
    const events = this.#pending
    this.#pending = []
    const at = wallTime(Math.round(this.#options.now?.() ?? Date.now()))
    const firstSeq = this.durableSeq + 1
    const frame = encodeFrame({ frame: ++this.#frame, firstSeq, events: events.length, at }, encodeEvents(events))
    try {
      const showValues = await this.#values.sync()
      await writeAll(this.#handle, frame)
      await this.#handle.datasync()
      showValues()
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
      return
    }
    this.durableSeq += events.length
    this.#options.onDurable(events.map((event, place) => ({ seq: firstSeq + place, at, event })))
    this.#isCommitting = false
    this.#wakeWaiters()
    this.#schedule()
  }

  #wakeWaiters(): void {
    const woken = this.#waiters.filter(({ seq }) => seq <= this.durableSeq)
    this.#waiters = this.#waiters.filter(({ seq }) => seq > this.durableSeq)
    for (const { resolve } of woken) resolve()
  }

  /** The kernel may have dropped the pages it could not write: this descriptor is never written or synced again. */
  #fail(error: Error): void {
    this.#error = error
    const waiters = this.#waiters
    this.#waiters = []
    for (const { reject } of waiters) reject(error)
    this.#options.onTrouble({
      message: error.message,
      since: wallTime(Date.now()),
      events: this.#lastSeq - this.durableSeq,
    })
  }
}
