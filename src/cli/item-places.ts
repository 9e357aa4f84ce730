/** Places in files by item, as numbers: 20 bytes an item, and nothing at all for runs whose items have none. */
import type { LogRef, RunEvent } from '../model/event.ts'
import type { ItemIndex, ThreadNumber } from '../model/ids.ts'
import { itemIndex, threadNumber } from '../model/ids.ts'

/** Where the output of an item's last ended attempt stands. */
export interface FoundLog {
  readonly thread: ThreadNumber
  readonly log: LogRef
}

/** Output of the last attempt of each item that has ended. */
export class LogPlaces {
  #places: ItemPlaces

  constructor(items: number) {
    this.#places = new ItemPlaces(items)
  }

  /** Notes where output stands, if the event says so. An attempt without output takes the place of one that had some. */
  note(event: RunEvent): void {
    if (event.type === 'items.succeeded') {
      for (const [place, item] of event.items.entries()) this.#note(item, event.thread, event.logs?.[place])
    }
    if (event.type === 'item.failed' || event.type === 'item.retrying') this.#note(event.item, event.thread, event.log)
  }

  /** Makes room for so many items. */
  grow(items: number): void {
    this.#places = this.#places.carried(items, (item) => item)
  }

  /** Undefined where it wrote none. */
  find(item: ItemIndex): FoundLog | undefined {
    const found = this.#places.get(item)
    if (!found) return undefined
    const { first, second, offset, length } = found
    return { thread: threadNumber(first), log: { file: second, offset, length } }
  }

  /** Another plan: items stand elsewhere. */
  carry(items: number, itemOf: (old: ItemIndex) => ItemIndex | undefined): void {
    this.#places = this.#places.carried(items, itemOf)
  }

  #note(item: ItemIndex, thread: ThreadNumber, log: LogRef | null | undefined): void {
    if (log) this.#places.set(item, { first: thread, second: log.file, offset: log.offset, length: log.length })
    else this.#places.clear(item)
  }
}

interface Place {
  readonly first: number
  readonly second: number
  readonly offset: number
  readonly length: number
}

export class ItemPlaces {
  readonly #items: number
  #small: Uint32Array | undefined
  #offsets: Float64Array | undefined

  constructor(items: number) {
    this.#items = items
  }

  get(item: ItemIndex): Place | undefined {
    const [first = 0, second = 0, length = 0] = this.#small?.subarray(item * 3, item * 3 + 3) ?? []
    return length === 0 ? undefined : { first, second, length, offset: this.#offsets?.[item] ?? 0 }
  }

  set(item: ItemIndex, { first, second, offset, length }: Place): void {
    this.#small ??= new Uint32Array(this.#items * 3)
    this.#offsets ??= new Float64Array(this.#items)
    this.#small.set([first, second, length], item * 3)
    this.#offsets[item] = offset
  }

  clear(item: ItemIndex): void {
    this.#small?.fill(0, item * 3, item * 3 + 3)
  }

  /** The same under another plan: what has no item there is gone. */
  carried(items: number, itemOf: (old: ItemIndex) => ItemIndex | undefined): ItemPlaces {
    const next = new ItemPlaces(items)
    for (let old = itemIndex(0); this.#small && old < this.#items; old = itemIndex(old + 1)) {
      const place = this.get(old)
      const item = place && itemOf(old)
      if (item !== undefined) next.set(item, place as Place)
    }
    return next
  }
}
