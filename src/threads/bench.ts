/** What the worker has at hand for the item that runs: the shared table, the log, and the watch for what is wished of it. */
import { Collector } from './collector.ts'
import { LogWriter } from './logs.ts'
import { HOLD, RECLAIM, Table } from './table.ts'
import type { WorkerNote } from './wire.ts'

/** What the host tells its worker at birth. */
export interface WorkerSetup {
  readonly table: SharedArrayBuffer
  readonly thread: number
  readonly run: string
  /** The run's folder. */
  readonly folder: string
}

/** The attempt that runs, as far as others need to know it. */
export interface Running {
  readonly place: number
  /** The wish to end an attempt has changed: look whether it means this one. */
  readonly checkEnd: () => void
}

export class Bench {
  readonly table: Table
  readonly thread: number
  readonly run: string
  readonly collector: Collector
  readonly #post: (note: WorkerNote) => void
  readonly #log: LogWriter
  /** The hold that the supervisor was told of. */
  #told = 0
  #running: Running | undefined
  #isWatching = false

  constructor({ table, thread, run, folder }: WorkerSetup, post: (note: WorkerNote) => void) {
    this.table = new Table(table)
    this.collector = new Collector(this.table, post)
    this.#post = post
    this.thread = thread
    this.run = run
    this.#log = new LogWriter(folder, thread)
  }

  begin(running: Running, logLimit?: number): void {
    this.#running = running
    this.#log.begin(logLimit)
  }

  /** @returns where the output of the item that ended stands, if it wrote any */
  end(): LogWriter['written'] {
    this.#running = undefined
    return this.#log.written
  }

  isRunning(running: Running): boolean {
    return this.#running === running
  }

  /** Adds to the log of the item that runs. False: none does. */
  write(text: string | Uint8Array): boolean {
    if (!this.#running) return false
    this.#log.write(text)
    const { written } = this.#log
    if (written) this.table.logged(this.#running.place, written)
    return true
  }

  /** The item at this place is at a tick and something is wished: blocks the thread while it is held, unless the item is to end. */
  stand(place: number): void {
    for (let stamp = this.table.stamp; this.#isToStand(place); stamp = this.table.stamp) this.table.waitChange(stamp)
  }

  /** The same for an asynchronous task, whose timers and input go on. */
  async standAsync(place: number): Promise<void> {
    for (let stamp = this.table.stamp; this.#isToStand(place); stamp = this.table.stamp)
      await this.table.untilChange(stamp)
  }

  #isToStand(place: number): boolean {
    if (this.table.abortOf(place)) return false
    const { wishes } = this.table
    if (wishes & RECLAIM) this.collector.reclaim()
    if (!(wishes & HOLD)) return false
    const hold = this.table.holdNumber
    // Said before it waits: a thread that waits says nothing more.
    if (hold !== this.#told) this.#post({ is: 'held', hold })
    this.#told = hold
    return true
  }

  /**
   * From now on what is wished of the item that runs is seen while it awaits something: `checkEnd` is called when it is to end, garbage is
   * collected. One watch a worker: it never goes away.
   */
  watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    void this.#watch()
  }

  async #watch(): Promise<void> {
    for (;;) {
      const change = this.table.untilChange(this.table.stamp)
      // After the watch is set up, so that no change falls between.
      this.#running?.checkEnd()
      if (this.#running) this.collector.reclaim()
      await change
    }
  }
}
