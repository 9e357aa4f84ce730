/** Collects the worker's garbage with the one flavour that gives the memory back to the system: others only free it for the worker's own use. */
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Table } from './table.ts'
import { RECLAIM } from './table.ts'
import type { WorkerNote } from './wire.ts'

/** How often a worker looks at what its items leave; one look costs 2 µs. */
const TIDY_EVERY_MS = 5

/** A collection that gives back less than this share was in vain: the next one waits until there is twice as much. */
const WORTHWHILE = 0.2

export class Collector {
  readonly #table: Table
  readonly #post: (note: WorkerNote) => void
  #gc: (() => void) | undefined
  #looked = 0
  /** Above this it tidies; raised after a collection in vain. */
  #limit = 0
  /** What the limit was made from. */
  #above = 0

  constructor(table: Table, post: (note: WorkerNote) => void) {
    this.#table = table
    this.#post = post
  }

  /** If the supervisor has asked for it. */
  reclaim(): void {
    if (!(this.#table.wishes & RECLAIM)) return
    const began = performance.now()
    const before = used()
    this.#collect()
    const freed = Math.max(0, before - used())
    this.#table.reclaim(false)
    this.#post({ is: 'reclaimed', freed, ms: performance.now() - began })
  }

  /** @returns false where little time has passed since the last look, so that little can have been left */
  shouldLook(now: number): boolean {
    if (now - this.#looked < TIDY_EVERY_MS) return false
    this.#looked = now
    return true
  }

  /** What items have left is too much. */
  isTidyDue(): boolean {
    const above = this.#table.tidyAbove
    if (above !== this.#above) this.#limit = this.#above = above
    return used() > this.#limit
  }

  tidy(): void {
    const before = used()
    this.#collect()
    const left = used()
    this.#limit = before - left < WORTHWHILE * before ? Math.max(this.#above, 2 * left) : this.#above
    this.#looked = performance.now()
  }

  #collect(): void {
    this.#gc ??= collection()
    this.#gc()
  }
}

/** What this worker holds, in bytes: its heap with what is reserved for it, and Buffers. */
function used(): number {
  const { total_heap_size: heap, external_memory: external } = getHeapStatistics()
  return heap + external
}

/** Takes V8's own function from a context of its own, and leaves the way to it closed: tasks never see it. */
function collection(): () => void {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as (options: { readonly type: 'major'; readonly flavor: 'last-resort' }) => void
  setFlagsFromString('--no-expose-gc')
  return () => gc({ type: 'major', flavor: 'last-resort' })
}
