/**
 * Items in backoff, in buckets of 100 ms: a million of them cost a few arrays and no timer each. An entry may be out of date (its
 * item was skipped meanwhile); whoever takes it looks at the item's status.
 */
import type { ItemIndex } from '../model/ids.ts'
import type { WallTime } from '../model/units.ts'
import { wallTime } from '../model/units.ts'

const BUCKET_MS = 100

export class BackoffWheel {
  readonly #buckets = new Map<number, ItemIndex[]>()
  readonly #dueAt = new Map<ItemIndex, WallTime>()
  #first = Number.POSITIVE_INFINITY

  /** When an item may run again, where it is in backoff. */
  at(item: ItemIndex): WallTime | undefined {
    return this.#dueAt.get(item)
  }

  /** Items in backoff, each with when it is due. */
  entries(): IterableIterator<[ItemIndex, WallTime]> {
    return this.#dueAt.entries()
  }

  add(item: ItemIndex, at: WallTime): void {
    // Rounded up: never early.
    const bucket = Math.ceil(at / BUCKET_MS)
    const items = this.#buckets.get(bucket)
    if (items) items.push(item)
    else this.#buckets.set(bucket, [item])
    this.#dueAt.set(item, at)
    this.#first = Math.min(this.#first, bucket)
  }

  /** Makes everything due so much earlier. */
  advance(ms: number): void {
    const waiting = [...this.#dueAt]
    this.#buckets.clear()
    this.#dueAt.clear()
    this.#first = Number.POSITIVE_INFINITY
    for (const [item, at] of waiting) this.add(item, wallTime(at - ms))
  }

  remove(item: ItemIndex): void {
    this.#dueAt.delete(item)
  }

  /** When the next bucket is due. */
  next(): WallTime | undefined {
    return this.#buckets.size === 0 ? undefined : wallTime(this.#first * BUCKET_MS)
  }

  /** Takes out every item that is due. */
  take(now: WallTime): ItemIndex[] {
    const limit = Math.floor(now / BUCKET_MS)
    if (this.#first > limit) return []
    const due: ItemIndex[] = []
    let first = Number.POSITIVE_INFINITY
    for (const [bucket, items] of this.#buckets) {
      if (bucket > limit) {
        first = Math.min(first, bucket)
        continue
      }
      this.#buckets.delete(bucket)
      // An item that was removed and added again is due at its newer time only.
      for (const item of items) {
        if (Math.ceil((this.#dueAt.get(item) ?? Number.POSITIVE_INFINITY) / BUCKET_MS) <= limit) due.push(item)
      }
    }
    this.#first = first
    for (const item of due) this.#dueAt.delete(item)
    return due
  }

  /** The earliest item of those `wanted`, with its time. Looks at every item in backoff: for screens, not for the hot path. */
  earliest(wanted: (item: ItemIndex) => boolean): { item: ItemIndex; at: WallTime } | undefined {
    let best: { item: ItemIndex; at: WallTime } | undefined
    for (const [item, at] of this.#dueAt) {
      if ((best === undefined || at < best.at) && wanted(item)) best = { item, at }
    }
    return best
  }
}
