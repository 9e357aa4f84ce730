/**
 * The journal's writing side: group commit. An event is taken at once and reported durable when the frame that holds it is on
 * disk. Idle, a commit begins at the end of the current turn; busy, at most every 10 ms, one in flight. Where the disk fails, everything is
 * kept and tried again until the disk takes it. May import model and run. The supervisor is the only caller; one journal is open in a
 * run at a time.
 */
import type { JournaledEvent, RunEvent, ValueRef } from '../model/event.ts'
import type { RunId } from '../model/ids.ts'
import type { Trouble } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import { wallTime } from '../model/units.ts'
import type { Disk } from './disk.ts'
import { realDisk } from './disk.ts'
import { DiskTrouble } from './disk-trouble.ts'
import { encodeEvents } from './encode.ts'
import { JournalFiles } from './journal-files.ts'
import type { ValuesPart } from './values.ts'
import { ValuesWriter } from './values.ts'
import { endOf, listValuesFiles } from './values-files.ts'
import { valuesStem } from './values-names.ts'

/** Least time from the begin of a commit to the begin of the next, in ms. */
const COMMIT_INTERVAL = 10

/** Time from a failed attempt to write to the next, in ms. */
const RETRY_MS = 1000

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
  const { run, generation, valuesEnds = {}, disk = realDisk } = options
  const existing = await listValuesFiles(folder)
  for (const [batch, end] of Object.entries(valuesEnds)) {
    const found = endOf(existing.get(valuesStem(batch)) ?? [])
    if (found !== end) throw new Error(`The values of batch ${batch} end at ${found}, not at ${end}`)
  }
  const files = new JournalFiles({ folder, run, generation, disk })
  await files.open()
  return new GroupCommit(files, new ValuesWriter({ folder, disk, existing, batches: Object.keys(valuesEnds) }), options)
}

/** What one frame makes durable. */
interface Commit {
  readonly kind: 'commit'
  readonly at: WallTime
  readonly events: readonly RunEvent[]
  readonly text: string
  readonly values: readonly ValuesPart[]
}

/** Where one file ends and the next begins. */
interface Cut {
  readonly kind: 'cut'
  readonly seq: number
  readonly values: Readonly<Record<string, number>>
  readonly resolve: (rotated: Rotated) => void
}

interface Waiter {
  readonly seq: number
  readonly resolve: () => void
}

class GroupCommit implements Journal {
  durableSeq: number
  readonly #files: JournalFiles
  readonly #values: ValuesWriter
  readonly #options: JournalOptions
  #lastSeq: number
  /** Taken since the last commit was put together. */
  #pending: RunEvent[] = []
  /** What is to be done next, in order: the first is under way or has failed. */
  #queue: (Commit | Cut)[] = []
  #waiters: Waiter[] = []
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #begunAt = -COMMIT_INTERVAL
  #step: Promise<boolean> | undefined
  #closing: Promise<void> | undefined
  #since: Written = { events: 0, bytes: 0 }
  readonly #trouble = new DiskTrouble()

  constructor(files: JournalFiles, values: ValuesWriter, options: JournalOptions) {
    this.#files = files
    this.#values = values
    this.#options = options
    this.#lastSeq = options.firstSeq - 1
    this.durableSeq = this.#lastSeq
  }

  append(event: RunEvent): number {
    if (this.#closing) throw new Error(`The journal is closed: ${event.type}`)
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

  get since(): Written {
    return this.#since
  }

  get trouble(): Trouble | undefined {
    const { current } = this.#trouble
    return current && { ...current, events: this.#lastSeq - this.durableSeq }
  }

  async flush(): Promise<void> {
    if (this.durableSeq === this.#lastSeq) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiters.push({ seq: this.#lastSeq, resolve })
    this.#schedule()
    await promise
  }

  rotate(): Promise<Rotated> {
    if (this.#closing) return Promise.reject(new Error('The journal is closed'))
    const { promise, resolve } = Promise.withResolvers<Rotated>()
    this.#seal()
    this.#queue.push({ kind: 'cut', seq: this.#lastSeq, values: this.#values.ends(), resolve })
    this.#since = { events: 0, bytes: 0 }
    this.#schedule()
    return promise
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stopTimers()
    await this.#step
    // A failure on the way is trouble like any other: one more try.
    for (let mayFail = !this.#trouble.current; this.#hasWork(); ) {
      if (await this.#doNext()) continue
      if (!mayFail) break
      mayFail = false
    }
    await this.#values.close()
    await this.#files.close()
  }

  #hasWork(): boolean {
    return this.#queue.length > 0 || this.#pending.length > 0
  }

  #schedule(): void {
    if (this.#step || this.#closing || !this.#hasWork()) return
    // The next attempt has its timer.
    if (this.#trouble.isStuck) return
    const isUrgent = this.#waiters.length > 0 || this.#queue.length > 0
    const wait = isUrgent ? 0 : this.#begunAt + COMMIT_INTERVAL - performance.now()
    if (wait <= 0) this.#immediate ??= setImmediate(() => void this.#run())
    else this.#timer ??= setTimeout(() => void this.#run(), wait)
  }

  #stopTimers(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#timer = undefined
    this.#immediate = undefined
  }

  async #run(): Promise<void> {
    this.#stopTimers()
    this.#begunAt = performance.now()
    this.#step = this.#doNext()
    await this.#step
    this.#step = undefined
    this.#schedule()
  }

  /** Puts together what the next frame holds. */
  #seal(): void {
    const values = this.#values.take()
    const events = this.#pending
    if (events.length === 0 && values.length === 0) return
    this.#pending = []
    this.#queue.push({ kind: 'commit', at: this.#now(), events, text: encodeEvents(events), values })
  }

  /** Does the first of the queue. @returns false where the disk failed: it stays the first then */
  async #doNext(): Promise<boolean> {
    if (this.#queue.length === 0) this.#seal()
    const next = this.#queue[0]
    if (!next) return true
    let finish: () => void
    try {
      finish = await (next.kind === 'commit' ? this.#write(next) : this.#cut(next))
    } catch (error) {
      this.#fail(error)
      return false
    }
    this.#queue.shift()
    finish()
    if (this.#trouble.took({ durableSeq: this.durableSeq, lastSeq: this.#lastSeq })) this.#options.onTrouble(undefined)
    return true
  }

  async #write(commit: Commit): Promise<() => void> {
    const { at, events, text, values } = commit
    const firstSeq = this.durableSeq + 1
    await this.#values.write(values)
    const bytes = events.length === 0 ? 0 : await this.#files.append({ firstSeq, events: events.length, at }, text)
    return () => {
      this.#values.show(values)
      if (events.length === 0) return
      this.durableSeq += events.length
      this.#count(events.length, bytes)
      this.#options.onDurable(events.map((event, place) => ({ seq: firstSeq + place, at, event })))
      this.#wakeWaiters()
    }
  }

  async #cut({ seq, values, resolve }: Cut): Promise<() => void> {
    const generation = await this.#files.next()
    return () => resolve({ generation, seq, values })
  }

  /** What stands before a cut that is still to be made does not count for the file after it. */
  #count(events: number, bytes: number): void {
    if (this.#queue.some(({ kind }) => kind === 'cut')) return
    this.#since = { events: this.#since.events + events, bytes: this.#since.bytes + bytes }
  }

  #wakeWaiters(): void {
    if (this.#waiters.length === 0) return
    const woken = this.#waiters.filter(({ seq }) => seq <= this.durableSeq)
    this.#waiters = this.#waiters.filter(({ seq }) => seq > this.durableSeq)
    for (const { resolve } of woken) resolve()
  }

  #fail(error: unknown): void {
    const isNew = !this.#trouble.current
    this.#trouble.failed(error, this.#now())
    if (!this.#closing) this.#timer = setTimeout(() => void this.#run(), this.#options.retryMs ?? RETRY_MS)
    if (isNew) this.#options.onTrouble(this.trouble)
  }

  #now(): WallTime {
    return wallTime(Math.round(this.#options.now?.() ?? Date.now()))
  }
}
