/**
 * Amounts counted in buckets that grow by 12 %: as many numbers as there are buckets instead of one an amount, and a quantile is right
 * within 6 %.
 */
const GROWTH = Math.log(1.12)

export class Histogram {
  readonly #buckets: Uint32Array
  readonly #smallest: number
  count = 0

  /** @param smallest amounts up to this are one bucket @param buckets how many there are: the last also holds all that is larger */
  constructor(smallest: number, buckets: number) {
    this.#smallest = smallest
    this.#buckets = new Uint32Array(buckets)
  }

  add(amount: number): void {
    const place = this.#placeOf(amount)
    this.#buckets[place] = (this.#buckets[place] as number) + 1
    this.count += 1
  }

  /** Amount that `share` of all stayed below; undefined where there are fewer than `least`, or none. */
  quantile(share: number, least: number): number | undefined {
    if (this.count < Math.max(1, least)) return undefined
    let left = share * this.count
    let place = 0
    while ((left -= this.#buckets[place] as number) > 0) place += 1
    return this.#middle(place)
  }

  /** Mean of those that are above an amount; undefined where none is. */
  meanAbove(amount: number): number | undefined {
    let [sum, count] = [0, 0]
    for (let place = this.#placeOf(amount); place < this.#buckets.length; place += 1) {
      const here = this.#buckets[place] as number
      if (here === 0) continue
      // Of the amount's own bucket nobody knows how many are above it.
      sum += here * Math.max(amount, this.#middle(place))
      count += here
    }
    return count === 0 ? undefined : sum / count
  }

  /** Bucket and how many are in it, by turns; empty buckets are left out. */
  pack(): number[] {
    const packed: number[] = []
    for (const [bucket, count] of this.#buckets.entries()) if (count > 0) packed.push(bucket, count)
    return packed
  }

  /** Adds what was packed. */
  unpack(packed: readonly number[]): void {
    for (let place = 0; place < packed.length; place += 2) {
      const count = packed[place + 1] as number
      this.#buckets[packed[place] as number] = count
      this.count += count
    }
  }

  #placeOf(amount: number): number {
    const bucket = amount <= this.#smallest ? 0 : 1 + Math.floor(Math.log(amount / this.#smallest) / GROWTH)
    return Math.min(this.#buckets.length - 1, bucket)
  }

  #middle(place: number): number {
    return place === 0 ? this.#smallest : this.#smallest * Math.exp((place - 0.5) * GROWTH)
  }
}
