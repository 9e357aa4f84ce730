/**
 * How long a batch's items take, in 160 numbers instead of one an item: a histogram whose buckets grow by 12 % (so the
 * median is right within 6 %, from 0.1 ms to two hours), and a moving mean for the size of chunks.
 */
import type { Millis } from '../model/units.ts'
import { millis } from '../model/units.ts'

const GROWTH = Math.log(1.12)
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
  readonly #buckets = new Uint32Array(BUCKETS)
  count = 0
  /** Sum of all, in ms. */
  total = 0
  /** Sum of squares, for the spread. */
  squares = 0
  /** Moving mean of the newest items; undefined before the first. */
  recent: Millis | undefined

  add(ms: number): void {
    const bucket = ms <= SMALLEST_MS ? 0 : Math.min(BUCKETS - 1, 1 + Math.floor(Math.log(ms / SMALLEST_MS) / GROWTH))
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1
    this.count += 1
    this.total += ms
    this.squares += ms * ms
  }

  /** Moves the mean by a group of items that took `ms` each. */
  observe(ms: number): void {
    this.recent = millis(this.recent === undefined ? ms : this.recent + RECENT * (ms - this.recent))
  }

  /** Time that `share` of the items stayed below; undefined before `least` items ended. */
  quantile(share: number, least: number): Millis | undefined {
    if (this.count < least) return undefined
    let left = share * this.count
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      left -= this.#buckets[bucket] ?? 0
      if (left <= 0) return millis(bucket === 0 ? SMALLEST_MS : SMALLEST_MS * Math.exp((bucket - 0.5) * GROWTH))
    }
    return millis(this.total / this.count)
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
    const buckets: number[] = []
    for (const [bucket, count] of this.#buckets.entries()) if (count > 0) buckets.push(bucket, count)
    const { total, squares, recent } = this
    return { buckets, total, squares, ...(recent === undefined ? {} : { recent }) }
  }

  static unpack({ buckets, total, squares, recent }: PackedDurations): Durations {
    const durations = new Durations()
    for (let place = 0; place < buckets.length; place += 2) {
      const count = buckets[place + 1] as number
      durations.#buckets[buckets[place] as number] = count
      durations.count += count
    }
    durations.total = total
    durations.squares = squares
    durations.recent = recent === undefined ? undefined : millis(recent)
    return durations
  }
}
