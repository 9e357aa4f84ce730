/** How much memory a batch's items take at most: a histogram from 1 MB to more than a terabyte. */
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import { Histogram } from './histogram.ts'

const SMALLEST = 2 ** 20
const BUCKETS = 128

/** Items that must have been measured before it is known what others will take, and the share of them that took less. */
const KNOWN_FROM = 3
const USUAL_SHARE = 0.9

export class Sizes {
  readonly #histogram = new Histogram(SMALLEST, BUCKETS)

  /** How many were measured when `#usual` was found. */
  #usualOf = 0
  #usual: Bytes | undefined

  get count(): number {
    return this.#histogram.count
  }

  add(peak: number): void {
    this.#histogram.add(peak)
  }

  /** What `share` of the items stayed below; undefined before `least` were measured. */
  quantile(share: number, least: number): Bytes | undefined {
    const found = this.#histogram.quantile(share, least)
    return found === undefined ? undefined : bytes(Math.round(found))
  }

  /** What is expected of one more: nine of ten took less; undefined until three were measured. */
  get usual(): Bytes | undefined {
    // Asked for every chunk, and changed only by what is added.
    if (this.#usualOf !== this.count) {
      this.#usualOf = this.count
      this.#usual = this.quantile(USUAL_SHARE, KNOWN_FROM)
    }
    return this.#usual
  }

  /** What items took in the mean that took more than this; undefined where none did. */
  meanAbove(used: Bytes): Bytes | undefined {
    return this.#histogram.meanAbove(used) as Bytes | undefined
  }

  /** Bucket and how many are in it, by turns. */
  pack(): number[] {
    return this.#histogram.pack()
  }

  static unpack(packed: readonly number[]): Sizes {
    const sizes = new Sizes()
    sizes.#histogram.unpack(packed)
    return sizes
  }
}
