/** Most memory of each item's last ended attempt: 8 bytes an item, and nothing at all where nobody looked. */
import type { RunEvent } from '../model/event.ts'
import type { ItemIndex } from '../model/ids.ts'
import { itemIndex } from '../model/ids.ts'
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'

export class ItemPeaks {
  readonly #items: number
  #peaks: Float64Array | undefined

  constructor(items: number) {
    this.#items = items
  }

  /** An attempt that nobody looked at takes the place of one that was. */
  note(event: RunEvent): void {
    if (event.type === 'items.succeeded') {
      for (const [place, item] of event.items.entries()) this.#note(item, event.peaks?.[place] ?? undefined)
    }
    if (event.type === 'item.failed' || event.type === 'item.retrying') this.#note(event.item, event.peak)
  }

  get(item: ItemIndex): Bytes | undefined {
    const peak = this.#peaks?.[item] ?? 0
    return peak === 0 ? undefined : bytes(peak)
  }

  /** Whether anything was noted. */
  get isKnown(): boolean {
    return this.#peaks !== undefined
  }

  /** The same under another plan: what has no item there is gone. */
  carried(items: number, itemOf: (old: ItemIndex) => ItemIndex | undefined): ItemPeaks {
    const next = new ItemPeaks(items)
    for (let old = itemIndex(0); this.#peaks && old < this.#items; old = itemIndex(old + 1)) {
      const item = itemOf(old)
      if (item !== undefined) next.#note(item, this.get(old))
    }
    return next
  }

  #note(item: ItemIndex, peak: number | undefined): void {
    if (peak === undefined && this.#peaks === undefined) return
    this.#peaks ??= new Float64Array(this.#items)
    this.#peaks[item] = peak ?? 0
  }
}
