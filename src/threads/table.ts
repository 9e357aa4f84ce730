/**
 * The memory a host and its worker share: claims of items, requests to the running item, its progress. Both sides can use it while
 * the worker sits in a synchronous loop. One table a host; a new worker gets the same one.
 */
import { MAX_BATCH_SIZE } from '../model/plan.ts'
import type { EndWhy, WireLog } from './wire.ts'

/** States of an item's claim word. QUEUED → RUNNING and RUNNING → … by the worker, QUEUED → TAKEN by the host. */
export const QUEUED = 0
export const RUNNING = 1
export const TAKEN = 2
/** Plain success; its time stands in the table, so that the host can read it while the worker keeps its message back. */
export const DONE = 3
/** Its result was posted. */
export const POSTED = 4

const HOLD = 0
/** Place + 1 of the item to end, and why. */
const ABORT = 1
const WHY = 2
/** Place + 1 of the newest item that can hear of its end: it has its signal, or ticks. */
const HEARS = 3
/** Place + 1 of the item the progress words speak of. */
const PROGRESS = 4
const FRACTION = 5
const NOTE_LENGTH = 6
/** Place + 1 of the item the log words speak of. */
const LOG = 7
const LOG_FILE = 8
const LOG_OFFSET = 9
const LOG_LENGTH = 10
const CLAIMS = 16
const TIMES = CLAIMS + MAX_BATCH_SIZE
const NOTE = TIMES + MAX_BATCH_SIZE
const NOTE_BYTES = 256

const whys: readonly EndWhy[] = ['timeout', 'user', 'stop']

export interface Progress {
  readonly fraction?: number
  readonly note?: string
}

export class Table {
  readonly buffer: SharedArrayBuffer
  readonly #words: Int32Array
  readonly #note: Buffer

  constructor(buffer = new SharedArrayBuffer(NOTE * 4 + NOTE_BYTES)) {
    this.buffer = buffer
    this.#words = new Int32Array(buffer)
    this.#note = Buffer.from(buffer, NOTE * 4, NOTE_BYTES)
  }

  /** Host: before a chunk is handed out. */
  reset(count: number): void {
    this.#words.fill(0, ABORT, LOG_LENGTH + 1)
    this.#words.fill(QUEUED, CLAIMS, CLAIMS + count)
  }

  claim(place: number): number {
    return Atomics.load(this.#words, CLAIMS + place)
  }

  /** Changes a queued item's claim. False: the other side was faster. */
  take(place: number, as: typeof RUNNING | typeof TAKEN): boolean {
    return Atomics.compareExchange(this.#words, CLAIMS + place, QUEUED, as) === QUEUED
  }

  finish(place: number, as: typeof DONE | typeof POSTED, time: number): void {
    this.#words[TIMES + place] = time
    Atomics.store(this.#words, CLAIMS + place, as)
  }

  time(place: number): number {
    return this.#words[TIMES + place] ?? 0
  }

  get isHeld(): boolean {
    return Atomics.load(this.#words, HOLD) === 1
  }

  set isHeld(isOn: boolean) {
    Atomics.store(this.#words, HOLD, isOn ? 1 : 0)
    Atomics.notify(this.#words, HOLD)
  }

  /** Worker: blocks the thread until the hold is over or the item at this place is to end. */
  waitHeld(place: number): void {
    while (this.isHeld && !this.abortOf(place)) Atomics.wait(this.#words, HOLD, 1)
  }

  async untilReleased(place: number): Promise<void> {
    while (this.isHeld && !this.abortOf(place)) {
      const change = Atomics.waitAsync(this.#words, HOLD, 1)
      if (change.async) await change.value
    }
  }

  /** Host: asks the item at this place to end. */
  abort(place: number, why: EndWhy): void {
    this.#words[WHY] = whys.indexOf(why)
    Atomics.store(this.#words, ABORT, place + 1)
    Atomics.notify(this.#words, ABORT)
    // Who waits in a hold looks again.
    Atomics.notify(this.#words, HOLD)
  }

  /** Why the item at this place is to end; undefined: it is not. */
  abortOf(place: number): EndWhy | undefined {
    return Atomics.load(this.#words, ABORT) === place + 1 ? whys[this.#words[WHY] ?? 0] : undefined
  }

  /** Worker: resolves when the word that asks for an end changes. */
  async untilAbort(): Promise<void> {
    const change = Atomics.waitAsync(this.#words, ABORT, Atomics.load(this.#words, ABORT))
    if (change.async) await change.value
  }

  /** Worker: the item at this place can hear of its end. */
  hears(place: number): void {
    Atomics.store(this.#words, HEARS, place + 1)
  }

  canHear(place: number): boolean {
    return Atomics.load(this.#words, HEARS) === place + 1
  }

  progress(place: number, { fraction, note }: Progress): void {
    const words = this.#words
    words[FRACTION] = fraction === undefined ? -1 : Math.round(fraction * 1e6)
    words[NOTE_LENGTH] = note === undefined ? 0 : this.#note.write(note)
    Atomics.store(words, PROGRESS, place + 1)
  }

  progressOf(place: number): Progress | undefined {
    const words = this.#words
    if (Atomics.load(words, PROGRESS) !== place + 1) return undefined
    const fraction = words[FRACTION] ?? -1
    const length = words[NOTE_LENGTH] ?? 0
    return {
      ...(fraction < 0 ? {} : { fraction: fraction / 1e6 }),
      ...(length === 0 ? {} : { note: this.#note.toString('utf8', 0, length) }),
    }
  }

  logged(place: number, [file, offset, length]: WireLog): void {
    const words = this.#words
    words[LOG_FILE] = file
    words[LOG_OFFSET] = offset
    words[LOG_LENGTH] = length
    Atomics.store(words, LOG, place + 1)
  }

  logOf(place: number): WireLog | undefined {
    const words = this.#words
    if (Atomics.load(words, LOG) !== place + 1) return undefined
    return [words[LOG_FILE] ?? 0, words[LOG_OFFSET] ?? 0, words[LOG_LENGTH] ?? 0]
  }
}
