/** The chunk a thread has in flight, as the supervisor sees it: what is still open, what it is asked to end, and what its reports mean. */
import type { Chunk, ItemResult, ThreadReport } from '../model/chunk.ts'
import type { LogRef } from '../model/event.ts'
import type { ThreadNumber } from '../model/ids.ts'
import type { Reason } from '../model/reason.ts'
import { millis } from '../model/units.ts'
import type { Detail, FromHost, WireLog, WireResult } from './wire.ts'
import { isSuccessRun } from './wire.ts'

/** A wish to end the attempt at a place. */
export interface Ending {
  readonly place: number
  readonly reason: Reason
  readonly isRetryable: boolean
}

export class Flight {
  readonly chunk: Chunk
  /** What the running item is asked to end for. */
  ending: Ending | undefined
  /** All of it is to end, as interrupted. */
  isInterrupted = false
  /** Because its memory is needed. */
  isEvicted = false
  /** Why its process is to die, if it does. */
  lostFor: Reason | undefined
  /** Its process was killed on purpose: whatever comes from it still, this chunk ends with that. */
  isKilled = false
  readonly #thread: ThreadNumber
  readonly #isClosed: Uint8Array
  #first = 0
  /** When the running item began, as far as we know; moved on by the time it stands frozen or held. */
  #began = performance.now()
  #frozenAt: number | undefined
  /** How long the running item stood. */
  #stood = 0

  constructor(thread: ThreadNumber, chunk: Chunk) {
    this.#thread = thread
    this.chunk = chunk
    this.#isClosed = new Uint8Array(chunk.items.length)
  }

  /** Place of the item that runs: the first that is neither reported nor taken. */
  get running(): number | undefined {
    while (this.#isClosed[this.#first] === 1) this.#first++
    return this.#first < this.#isClosed.length ? this.#first : undefined
  }

  /** Places not reported, the running one first. */
  get open(): number[] {
    const places: number[] = []
    for (let place = this.running ?? this.#isClosed.length; place < this.#isClosed.length; place++) {
      if (!this.#isClosed[place]) places.push(place)
    }
    return places
  }

  freeze(): void {
    this.#frozenAt ??= performance.now()
  }

  thaw(): void {
    if (this.#frozenAt === undefined) return
    const stood = performance.now() - this.#frozenAt
    this.#frozenAt = undefined
    this.#stood += stood
    this.#began += stood
  }

  taken(places: readonly number[]): ThreadReport[] {
    const open = places.filter((place) => !this.#isClosed[place])
    for (const place of open) this.#isClosed[place] = 1
    return open.length > 0 ? [{ type: 'items.taken', ...this.#head(), places: open }] : []
  }

  /** What the host reports, in the supervisor's words. What was reported before is left out. */
  results(list: readonly WireResult[]): ThreadReport[] {
    const reports: ThreadReport[] = []
    let details: ItemResult[] = []
    const flush = (): void => {
      if (details.length > 0) reports.push({ type: 'items.ended', ...this.#head(), results: details })
      details = []
    }
    for (const result of list) {
      if (!isSuccessRun(result)) {
        const detail = this.#detail(result)
        if (detail) details.push(detail)
        else reports.push(...this.#interrupted(result.place))
        continue
      }
      flush()
      this.#runs(result, reports)
    }
    flush()
    // The next one began when this was sent, which was just now.
    this.#began = this.#now()
    return reports
  }

  progressed({ place, fraction, note, log }: Extract<FromHost, { is: 'progress' }>): ThreadReport {
    return {
      type: 'item.progressed',
      ...this.#head(),
      place,
      ...(fraction === undefined ? {} : { fraction }),
      ...(note === undefined ? {} : { note }),
      ...(log === undefined ? {} : { log: logRef(log) }),
    }
  }

  /** The process died. Where its running item was asked to end, that is how it ended. */
  lost(cause: Reason): ThreadReport[] {
    const reason = this.lostFor ?? cause
    const { running } = this
    const isAsked = running !== undefined && (this.isInterrupted || this.ending?.place === running)
    const reports = isAsked ? this.results([{ place: running, failure: { how: 'ended' } }]) : []
    const open = this.open
    const lost = { type: 'thread.lost', ...this.#head(), reason } as const
    if (isAsked || running === undefined) return [...reports, { ...lost, orphaned: open }]
    return [{ ...lost, running, orphaned: open.slice(1) }]
  }

  /** The process was stopped under it. */
  stopped(): ThreadReport[] {
    const [running, ...rest] = this.open
    return [...(running === undefined ? [] : this.#interrupted(running)), ...this.taken(rest)]
  }

  #interrupted(place: number): ThreadReport[] {
    return this.#close(place) ? [{ type: 'items.interrupted', ...this.#head(), places: [place] }] : []
  }

  /** A run of plain successes: usually all new, else the new parts of it. */
  #runs([from = 0, ...times]: readonly number[], reports: ThreadReport[]): void {
    let ms: number[] = []
    const flush = (next: number): void => {
      if (ms.length > 0) reports.push({ type: 'items.succeeded', ...this.#head(), from: next - ms.length, ms })
      ms = []
    }
    for (const [step, time] of times.entries()) {
      const own = this.#ownTime(from + step, time)
      if (this.#close(from + step)) ms.push(own)
      else flush(from + step)
    }
    flush(from + times.length)
  }

  /** Undefined: known already, or an interruption. */
  #detail({ place, time, value, log, leftover, failure }: Detail): ItemResult | undefined {
    const ending = this.ending?.place === place ? this.ending : undefined
    if (failure?.how === 'ended' && !ending) return undefined
    const took = time === undefined ? Math.round((this.#now() - this.#began) * 100) : time
    const ms = millis(this.#ownTime(place, took, time === undefined))
    if (!this.#close(place)) return undefined
    const left = leftover ? { leftover } : {}
    const head = { place, ms, ...(log ? { log: logRef(log) } : {}), ...left }
    if (!failure) return { ok: true, ...head, ...(value === undefined ? {} : { value }) }
    if (failure.how === 'ended') {
      const { reason, isRetryable } = ending as Ending
      return { ok: false, ...head, reason, isRetryable }
    }
    const { reason, isRetryable, retryAfter } = failure
    return {
      ok: false,
      ...head,
      reason,
      isRetryable,
      ...(retryAfter === undefined ? {} : { retryAfter: millis(retryAfter) }),
    }
  }

  /** In ms. The worker's clock goes on while it stands, which is no time of the item. */
  #ownTime(place: number, time: number, isOurs = false): number {
    const stood = !isOurs && this.#stood > 0 && place === this.running ? this.#stood : 0
    return Math.max(0, stood > 0 ? Math.round(time - stood * 100) : time) / 100
  }

  /** False: it was closed before. */
  #close(place: number): boolean {
    if (place >= this.#isClosed.length || this.#isClosed[place]) return false
    this.#isClosed[place] = 1
    this.#stood = 0
    if (this.ending?.place === place) this.ending = undefined
    return true
  }

  #now(): number {
    return this.#frozenAt ?? performance.now()
  }

  #head(): { readonly thread: ThreadNumber; readonly chunk: number } {
    return { thread: this.#thread, chunk: this.chunk.id }
  }
}

/** A process that is gone. */
interface Loss {
  readonly thread: ThreadNumber
  readonly reason: Reason
  /** What became of the chunk it held; left out: it held none. */
  readonly chunk: readonly ThreadReport[] | undefined
  /** False: it died while it started. */
  readonly wasReady: boolean
  readonly isReplaced: boolean
}

/** What is to be said of it, in this order. */
export function lossReports({ thread, reason, chunk, wasReady, isReplaced }: Loss): readonly ThreadReport[] {
  const idle: readonly ThreadReport[] = wasReady ? [{ type: 'thread.lost', thread, reason, orphaned: [] }] : []
  const broken: readonly ThreadReport[] = isReplaced ? [] : [{ type: 'thread.broken', thread, reason }]
  return [...(chunk ?? idle), ...broken]
}

function logRef([file, offset, length]: WireLog): LogRef {
  return { file, offset, length }
}
