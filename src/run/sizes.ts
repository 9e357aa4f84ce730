/** How much memory a batch's items take at most: a histogram from 1 MB to more than a terabyte. */
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import { Histogram } from './histogram.ts'

const SMALLEST = 2 ** 20
const BUCKETS = 128

export class Sizes {
  readonly #histogram = new Histogram(SMALLEST, BUCKETS)

  #asked = { count: -1, share: 0, least: 0 }
  #answer: Bytes | undefined

  get count(): number {
    return this.#histogram.count
  }

  add(peak: number): void {
    this.#histogram.add(peak)
  }

  /** What `share` of the items stayed below; undefined before `least` were measured. */
  quantile(share: number, least: number): Bytes | undefined {
    // The same is asked for every chunk; it changes with what is added only.
    if (this.#asked.count !== this.count || this.#asked.share !== share || this.#asked.least !== least) {
      this.#asked = { count: this.count, share, least }
      const found = this.#histogram.quantile(share, least)
      this.#answer = found === undefined ? undefined : bytes(Math.round(found))
    }
    return this.#answer
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
