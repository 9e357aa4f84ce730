/**
 * The chunk in flight, as its host sees it: relays what the worker posts, takes unstarted items back, ends the worker when asked, and
 * settles the accounts when a worker died under its item.
 */

import type { Table } from './table.ts'
import { DONE, POSTED, QUEUED, RUNNING, TAKEN } from './table.ts'
import type { EndWhy, FromHost, WireLog, WireResult, WorkerAnswer } from './wire.ts'
import { isSuccessRun } from './wire.ts'

export interface ChunkAtHost {
  readonly id: number
  readonly count: number
  readonly table: Table
  readonly put: (message: FromHost) => void
  /** Terminates the worker. */
  readonly terminate: (why: EndWhy) => void
}

export class HostChunk {
  readonly id: number
  readonly #of: ChunkAtHost
  readonly #isReported: Uint8Array
  #posts = 0
  /** Called when this many posts have come. */
  #awaited: { readonly posts: number; readonly arrived: () => void } | undefined
  #lastProgress = ''

  constructor(of: ChunkAtHost) {
    this.#of = of
    this.id = of.id
    this.#isReported = new Uint8Array(of.count)
    of.table.reset(of.count)
  }

  /** The worker posted. */
  received({ results }: WorkerAnswer): void {
    this.#posts++
    this.#report(results, false)
    if (this.#awaited && this.#posts >= this.#awaited.posts) this.#awaited.arrived()
  }

  /** The worker is through. Its posts come on another port and may be later than its answer. */
  async answered({ results, posts }: WorkerAnswer): Promise<void> {
    if (this.#posts < posts) await new Promise<void>((resolve) => (this.#awaited = { posts, arrived: resolve }))
    this.#report(results, true)
  }

  /** Takes the unstarted items back. */
  take(): number[] {
    const places: number[] = []
    for (let place = 0; place < this.#of.count; place++) if (this.#of.table.take(place, TAKEN)) places.push(place)
    return places
  }

  /**
   * Asks the running item to end, or terminates its worker: at once where it could not hear of it.
   * @param place only if this one runs; undefined: whatever runs
   */
  end(place: number | undefined, why: EndWhy, isNow: boolean): void {
    const { table } = this.#of
    const running = this.running()
    // The worker is between two items, or has not come to its first one yet: then the wish waits for it.
    const isNext = place !== undefined && running === undefined && table.claim(place) === QUEUED
    if (place !== undefined && running !== place && !isNext) return
    const ending = running ?? place
    if (ending !== undefined) table.abort(ending, why)
    if (isNow || (running !== undefined && !table.canHear(running))) this.#of.terminate(why)
  }

  running(): number | undefined {
    for (let place = 0; place < this.#of.count; place++) if (this.#of.table.claim(place) === RUNNING) return place
    return undefined
  }

  /** The worker is gone. What it finished counts, what it ran failed for this reason, the rest is taken back. */
  settle(failure: NonNullable<Extract<WireResult, { place: number }>['failure']>): void {
    const { table } = this.#of
    const results: WireResult[] = this.#leftBehind()
    const places = this.take()
    const wanted = places.findIndex((place) => table.abortOf(place) !== undefined)
    const running = this.running() ?? this.#unheard() ?? places.splice(wanted, wanted < 0 ? 0 : 1)[0]
    if (places.length > 0) this.#of.put({ is: 'taken', chunk: this.id, places })
    if (running !== undefined && !this.#isReported[running]) {
      const isEnded = table.abortOf(running) !== undefined
      const log = table.logOf(running)
      results.push({ place: running, failure: isEnded ? { how: 'ended' } : failure, ...(log ? { log } : {}) })
    }
    this.#report(results, true)
  }

  /** It ended by itself while it was being ended: its last words went with its worker. */
  #unheard(): number | undefined {
    const { table } = this.#of
    for (let place = 0; place < this.#of.count; place++) {
      if (table.claim(place) === POSTED && !this.#isReported[place] && table.abortOf(place) !== undefined) return place
    }
    return undefined
  }

  /** Now and then: the progress of the running item, and successes the worker keeps back while it is in a long item. */
  look(): void {
    const results = this.#leftBehind()
    if (results.length > 0) this.#report(results, false)
    const place = this.running()
    if (place === undefined) return
    const { table } = this.#of
    const log: WireLog | undefined = table.logOf(place)
    const progress = table.progressOf(place)
    if (!log && !progress) return
    const message = { is: 'progress', chunk: this.id, place, ...progress, ...(log ? { log } : {}) } as const
    const text = JSON.stringify(message)
    if (text === this.#lastProgress) return
    this.#lastProgress = text
    this.#of.put(message)
  }

  #leftBehind(): WireResult[] {
    const results: WireResult[] = []
    for (let place = 0; place < this.#of.count; place++) {
      if (!this.#isReported[place] && this.#of.table.claim(place) === DONE)
        results.push([place, this.#of.table.time(place)])
    }
    return results
  }

  /** The supervisor drops what it has heard before. */
  #report(results: readonly WireResult[], isEnd: boolean): void {
    for (const result of results) {
      if (isSuccessRun(result)) this.#isReported.fill(1, result[0], (result[0] ?? 0) + result.length - 1)
      else this.#isReported[result.place] = 1
    }
    if (results.length > 0 || isEnd) this.#of.put({ is: 'results', chunk: this.id, results, isEnd })
  }
}
