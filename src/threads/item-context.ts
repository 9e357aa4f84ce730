/** The contexts that task modules get. Members work without `this`, so that tasks can take the context apart. */
import { format } from 'node:util'
import type { ModuleBatch, ResultSource } from '../model/chunk.ts'
import type { Json } from '../model/json.ts'
import type { Bench, Running } from './bench.ts'
import type { BatchContext, ItemValue, TaskContext } from './context.ts'
import { readResults } from './results.ts'
import { HOLD, RECLAIM } from './table.ts'
import type { EndWhy } from './wire.ts'

const endings: Readonly<Record<EndWhy, readonly [string, string]>> = {
  timeout: ['the attempt took too long', 'TimeoutError'],
  user: ['the attempt was ended by a person', 'AbortError'],
  stop: ['the run stops', 'AbortError'],
  memory: ['its memory is needed; it runs again later', 'AbortError'],
}

/** The wishes that an item meets at a tick. */
const AT_TICKS = HOLD | RECLAIM

export interface AttemptOf {
  readonly bench: Bench
  readonly batch: ModuleBatch
  readonly place: number
  readonly name: string
  readonly attempt: number
  readonly with: Json
}

export class ItemContext implements TaskContext, Running {
  readonly place: number
  readonly batch: string
  readonly thread: number
  readonly attempt: number
  readonly with: Json
  readonly #of: AttemptOf
  #controller: AbortController | undefined

  constructor(of: AttemptOf) {
    this.#of = of
    this.place = of.place
    this.batch = of.batch.id
    this.thread = of.bench.thread
    this.attempt = of.attempt
    this.with = of.with
  }

  get key(): string {
    return `${this.#of.bench.run}/${this.batch}/${this.#of.name}`
  }

  /** Made when first looked at: most tasks never do, and it costs a tenth of a no-op. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      this.#of.bench.table.hears(this.place)
      this.#of.bench.watch()
      this.checkEnd()
    }
    return this.#controller.signal
  }

  checkEnd(): void {
    const why = this.#why()
    if (!why || !this.#controller || this.#controller.signal.aborted) return
    this.#controller.abort(new DOMException(...endings[why]))
  }

  get log(): (text: string) => void {
    return logLine(this.#of.bench)
  }

  get results(): (batch: string) => AsyncIterable<ItemValue> {
    return resultsOf(this.#of.batch)
  }

  get progress(): (fraction: number | undefined, note?: string) => void {
    return (fraction, note) => {
      if (!this.#isRunning()) return
      this.#of.bench.table.progress(this.place, {
        ...(fraction === undefined || Number.isNaN(fraction) ? {} : { fraction: Math.min(1, Math.max(0, fraction)) }),
        ...(note === undefined ? {} : { note: format(note) }),
      })
    }
  }

  get tick(): () => void {
    return () => {
      if (!this.#isRunning()) return
      const { table } = this.#of.bench
      table.hears(this.place)
      if (table.wishes & AT_TICKS) this.#of.bench.stand(this.place)
      this.#throwIfEnding()
    }
  }

  get pausePoint(): () => Promise<void> {
    return async () => {
      if (!this.#isRunning()) return
      const { table } = this.#of.bench
      table.hears(this.place)
      if (table.wishes & AT_TICKS) await this.#of.bench.standAsync(this.place)
      this.#throwIfEnding()
    }
  }

  #throwIfEnding(): void {
    if (!this.#why()) return
    this.checkEnd()
    this.signal.throwIfAborted()
  }

  /** A late call, from something the item left behind, must not touch the next item. */
  #isRunning(): boolean {
    return this.#of.bench.isRunning(this)
  }

  #why(): EndWhy | undefined {
    return this.#isRunning() ? this.#of.bench.table.abortOf(this.place) : undefined
  }
}

/** What `setup` and `teardown` of a task module get. */
export function batchContext(bench: Bench, batch: ModuleBatch): BatchContext {
  return {
    batch: batch.id,
    thread: bench.thread,
    with: batch.work.with,
    log: logLine(bench),
    results: resultsOf(batch),
  }
}

function logLine(bench: Bench): (text: string) => void {
  return (text) => {
    // JavaScript tasks may pass anything.
    const line = format(text)
    bench.write(line.endsWith('\n') ? line : `${line}\n`)
  }
}

function resultsOf(batch: ModuleBatch): (id: string) => AsyncIterable<ItemValue> {
  return (id) => {
    const source: ResultSource | undefined = batch.results.find((one) => one.batch === id)
    if (!source) throw new Error(`there are no results of batch ${id}: batch ${batch.id} does not need it`)
    return readResults(source)
  }
}
