/** Items that came back, first in first out. Entries may be out of date: whoever reads looks at the item's status. */
import type { ItemIndex } from '../model/ids.ts'

export class ItemQueue {
  #items: ItemIndex[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: ItemIndex): void {
    this.#items.push(item)
  }

  /** Entry at a place from the front. */
  at(place: number): ItemIndex | undefined {
    return this.#items[this.#head + place]
  }

  /** Drops entries from the front as long as they are `done`. */
  dropWhile(done: (item: ItemIndex) => boolean): void {
    while (this.#head < this.#items.length && done(this.#items[this.#head] as ItemIndex)) this.#head += 1
    if (this.#head < 1024 && this.#head < this.#items.length) return
    this.#items = this.#items.slice(this.#head)
    this.#head = 0
  }
}
