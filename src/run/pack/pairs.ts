/** Some items, in the order they are given, alone or each with a number. */
import type { ItemIndex } from '../../model/ids.ts'
import { itemIndex } from '../../model/ids.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { SLICE } from './numbers.ts'

export function* packItems(items: readonly ItemIndex[]): Generator<void, string> {
  const writer = new ByteWriter()
  let last = 0
  for (const [place, item] of items.entries()) {
    if (place % SLICE === SLICE - 1) yield
    writer.addSigned(item - last)
    last = item
  }
  return yield* writer.text()
}

export function unpackItems(packed: string): ItemIndex[] {
  const reader = new ByteReader(packed)
  const items: ItemIndex[] = []
  for (let item = 0; !reader.isAtEnd; ) {
    item += reader.nextSigned()
    items.push(itemIndex(item))
  }
  return items
}

export function* packPairs(pairs: readonly (readonly [ItemIndex, number])[]): Generator<void, string> {
  const writer = new ByteWriter()
  let last = 0
  for (const [place, [item, value]] of pairs.entries()) {
    if (place % SLICE === SLICE - 1) yield
    writer.addSigned(item - last)
    writer.add(value)
    last = item
  }
  return yield* writer.text()
}

/** @throws Error where one is no item of so many */
export function unpackPairs(packed: string, items: number): [ItemIndex, number][] {
  const reader = new ByteReader(packed)
  const pairs: [ItemIndex, number][] = []
  for (let item = 0; !reader.isAtEnd; ) {
    item += reader.nextSigned()
    if (item < 0 || item >= items) throw new Error(`Packed item ${item} of ${items}`)
    pairs.push([itemIndex(item), reader.next()])
  }
  return pairs
}
