/** What the worker has at hand for the item that runs: the shared table, the log, and the watch for a wish to end it. */
import { LogWriter } from './logs.ts'
import { Table } from './table.ts'

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
  readonly #log: LogWriter
  #running: Running | undefined
  #isWatching = false

  constructor({ table, thread, run, folder }: WorkerSetup) {
    this.table = new Table(table)
    this.thread = thread
    this.run = run
    this.#log = new LogWriter(folder, thread)
  }

  begin(running: Running): void {
    this.#running = running
    this.#log.begin()
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

  /** From now on `checkEnd` of what runs is called when an attempt is to end. One watch a worker: it never goes away. */
  watch(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    void this.#watch()
  }

  async #watch(): Promise<void> {
    for (;;) {
      const change = this.table.untilAbort()
      // After the watch is set up, so that no change falls between.
      this.#running?.checkEnd()
      await change
    }
  }
}
