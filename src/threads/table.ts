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

/** Bits of what the supervisor wishes of the worker; every change above them only wakes who waits on this word. */
const WISHES = 0
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
/** Number of the hold that is wished. */
const HOLD_NUMBER = 11
/** In KB: what a worker may leave behind before it collects by itself. */
const TIDY_ABOVE = 12
const CLAIMS = 16
const TIMES = CLAIMS + MAX_BATCH_SIZE
const NOTE = TIMES + MAX_BATCH_SIZE
const NOTE_BYTES = 256

/** Stand still at the next tick. */
export const HOLD = 1
/** Collect garbage as soon as possible. */
export const RECLAIM = 2
/** Collect garbage after items that leave much. */
export const TIDY = 4
const ALL_WISHES = HOLD | RECLAIM | TIDY
const WAKE = 8

const whys: readonly EndWhy[] = ['timeout', 'user', 'stop', 'memory']

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

  /** Bits of all that is wished: HOLD, RECLAIM, TIDY. */
  get wishes(): number {
    return Atomics.load(this.#words, WISHES) & ALL_WISHES
  }

  /** Host: hold with this number (each wish for one has its own), 0: go on. */
  hold(number: number): void {
    Atomics.store(this.#words, HOLD_NUMBER, number)
    this.#wish(HOLD, number !== 0)
  }

  get holdNumber(): number {
    return Atomics.load(this.#words, HOLD_NUMBER)
  }

  /** Host: a wish. Worker: it is met. */
  reclaim(isWished: boolean): void {
    this.#wish(RECLAIM, isWished)
  }

  /** Host: in bytes; undefined: never. */
  tidy(above: number | undefined): void {
    Atomics.store(this.#words, TIDY_ABOVE, Math.ceil((above ?? 0) / 1024))
    this.#wish(TIDY, above !== undefined)
  }

  get tidyAbove(): number {
    return Atomics.load(this.#words, TIDY_ABOVE) * 1024
  }

  #wish(bit: number, isOn: boolean): void {
    if (isOn) Atomics.or(this.#words, WISHES, bit)
    else Atomics.and(this.#words, WISHES, ~bit)
    this.#wake()
  }

  /** The word itself changes, so that nobody begins to wait who has just looked. */
  #wake(): void {
    Atomics.add(this.#words, WISHES, WAKE)
    Atomics.notify(this.#words, WISHES)
  }

  /** The word to wait on: read it, then look at the wishes, then wait while it is the same. */
  get stamp(): number {
    return Atomics.load(this.#words, WISHES)
  }

  /** Worker: blocks the thread until something is wished, or not any more. */
  waitChange(stamp: number): void {
    Atomics.wait(this.#words, WISHES, stamp)
  }

  async untilChange(stamp: number): Promise<void> {
    const change = Atomics.waitAsync(this.#words, WISHES, stamp)
    if (change.async) await change.value
  }

  /** Host: asks the item at this place to end. */
  abort(place: number, why: EndWhy): void {
    this.#words[WHY] = whys.indexOf(why)
    Atomics.store(this.#words, ABORT, place + 1)
    this.#wake()
  }

  /** Why the item at this place is to end; undefined: it is not. */
  abortOf(place: number): EndWhy | undefined {
    return Atomics.load(this.#words, ABORT) === place + 1 ? whys[this.#words[WHY] ?? 0] : undefined
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
