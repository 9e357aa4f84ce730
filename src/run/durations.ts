/** How long a batch's items take: a histogram from 0.1 ms to two hours, and a moving mean for the size of chunks. */
import type { Millis } from '../model/units.ts'
import { millis } from '../model/units.ts'
import { Histogram } from './histogram.ts'

const SMALLEST_MS = 0.1
const BUCKETS = 160

/** Weight of the newest group in the moving mean. */
const RECENT = 0.2

/** Plain JSON. */
export interface PackedDurations {
  /** Bucket and how many are in it, by turns; empty buckets are left out. */
  readonly buckets: readonly number[]
  readonly total: number
  readonly squares: number
  readonly recent?: number
}

export class Durations {
  readonly #histogram = new Histogram(SMALLEST_MS, BUCKETS)
  /** Sum of all, in ms. */
  total = 0
  /** Sum of squares, for the spread. */
  squares = 0
  /** Moving mean of the newest items; undefined before the first. */
  recent: Millis | undefined

  get count(): number {
    return this.#histogram.count
  }

  add(ms: number): void {
    this.#histogram.add(ms)
    this.total += ms
    this.squares += ms * ms
  }

  /** Moves the mean by a group of items that took `ms` each. */
  observe(ms: number): void {
    this.recent = millis(this.recent === undefined ? ms : this.recent + RECENT * (ms - this.recent))
  }

  /** Time that `share` of the items stayed below; undefined before `least` items ended. */
  quantile(share: number, least: number): Millis | undefined {
    return this.#histogram.quantile(share, least) as Millis | undefined
  }

  mean(): Millis | undefined {
    return this.count === 0 ? undefined : millis(this.total / this.count)
  }

  /** Variance of one item's time in ms². */
  variance(): number {
    if (this.count < 2) return 0
    const mean = this.total / this.count
    return Math.max(0, this.squares / this.count - mean * mean)
  }

  pack(): PackedDurations {
    const { total, squares, recent } = this
    return { buckets: this.#histogram.pack(), total, squares, ...(recent === undefined ? {} : { recent }) }
  }

  static unpack({ buckets, total, squares, recent }: PackedDurations): Durations {
    const durations = new Durations()
    durations.#histogram.unpack(buckets)
    durations.total = total
    durations.squares = squares
    durations.recent = recent === undefined ? undefined : millis(recent)
    return durations
  }
}
