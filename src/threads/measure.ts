/** Asks a worker now and then what memory it holds. It answers in the middle of a synchronous loop too. */
import type { Worker } from 'node:worker_threads'
import type { FromHost } from './wire.ts'

/** An answer interrupts the worker for 0.1 ms. */
const EVERY_MS = 500

/** Changes are worth telling above this share, and above this many bytes. */
const SHARE = 0.05
const AMOUNT = 2 ** 20

type Measured = Extract<FromHost, { is: 'measured' }>

export class Measure {
  readonly #tell: (measured: Measured) => void
  #due = 0
  /** Has not answered yet. One that has died may never do. */
  #asked: Worker | undefined
  #last: Measured | undefined

  constructor(tell: (measured: Measured) => void) {
    this.#tell = tell
  }

  /** A chunk begins: one that is shorter is not measured. */
  begin(): void {
    this.#due = performance.now() + EVERY_MS
  }

  look(worker: Worker | undefined): void {
    if (!worker || this.#asked === worker || performance.now() < this.#due) return
    this.begin()
    this.#asked = worker
    void this.#ask(worker)
  }

  async #ask(worker: Worker): Promise<void> {
    try {
      const statistics = await worker.getHeapStatistics()
      const { total_heap_size: heap, external_memory: outside, malloced_memory: own } = statistics
      const measured: Measured = { is: 'measured', heap, external: outside + own }
      if (!this.#isNews(measured)) return
      this.#last = measured
      this.#tell(measured)
    } catch {
      // It has just ended.
    } finally {
      if (this.#asked === worker) this.#asked = undefined
    }
  }

  #isNews({ heap, external }: Measured): boolean {
    return !this.#last || hasChanged(this.#last.heap, heap) || hasChanged(this.#last.external, external)
  }
}

function hasChanged(before: number, now: number): boolean {
  return Math.abs(now - before) > Math.max(AMOUNT, SHARE * before)
}
