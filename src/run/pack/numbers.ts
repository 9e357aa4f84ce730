/** A small number for each item: only those that are not as usual are written, or all where that is shorter. */
import { ByteReader, ByteWriter, bytesOf, textOf } from './bytes.ts'

/** Items looked at before the loop may go on with something else. */
export const SLICE = 2 ** 16

export type PackedNumbers =
  /** Runs of unusual numbers: how many items were passed over, doubled, plus 1 where a length - 2 follows; the number; the length. */
  | { readonly runs: string }
  /** Every item's number in as many bytes, the lowest first. */
  | { readonly all: string; readonly bytes: 1 | 2 }

/** What is usual: 0 or 1, depending on an item's state. */
export interface Usual {
  readonly status: Uint8Array
  /** Bit n is set where 1 is usual for status n. */
  readonly ones: number
}

/** @returns undefined where all are as usual */
export function* packNumbers(values: Uint16Array, usual: Usual): Generator<void, PackedNumbers | undefined> {
  const writer = new ByteWriter()
  let next = 0
  for (let from = 0; from < values.length; from += SLICE) {
    if (from > 0) yield
    next = writeRuns(values, usual, { writer, from, next })
    if (writer.length > values.length) return yield* packAll(values)
  }
  return writer.length === 0 ? undefined : { runs: yield* writer.text() }
}

interface Writing {
  readonly writer: ByteWriter
  readonly from: number
  /** First item that nothing has been written of. */
  readonly next: number
}

function writeRuns(values: Uint16Array, usual: Usual, { writer, from, next }: Writing): number {
  const end = Math.min(values.length, from + SLICE)
  let open = next
  for (let place = findUnusual(values, usual, from, end); place < end; place = findUnusual(values, usual, open, end)) {
    const value = values[place] as number
    let last = place
    while (last + 1 < end && values[last + 1] === value && value !== usualOf(usual, last + 1)) last += 1
    const isRun = last > place
    writer.add((place - open) * 2 + (isRun ? 1 : 0))
    writer.add(value)
    if (isRun) writer.add(last - place - 1)
    open = last + 1
  }
  return open
}

/** Looks at every item of a million: kept small, so that it is compiled well. */
function findUnusual(values: Uint16Array, { status, ones }: Usual, from: number, end: number): number {
  let place = from
  while (place < end && values[place] === ((ones >> (status[place] as number)) & 1)) place += 1
  return place
}

function usualOf({ status, ones }: Usual, place: number): number {
  return (ones >> (status[place] as number)) & 1
}

function* packAll(values: Uint16Array): Generator<void, PackedNumbers> {
  let most = 0
  const low = new Uint8Array(values.length)
  for (let from = 0; from < values.length; from += SLICE) {
    const end = Math.min(values.length, from + SLICE)
    for (let place = from; place < end; place += 1) {
      const value = values[place] as number
      low[place] = value
      if (value > most) most = value
    }
    yield
  }
  if (most < 256) return { all: yield* textOf(low), bytes: 1 }
  // Every machine that Node runs on keeps the lowest byte first.
  return { all: yield* textOf(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)), bytes: 2 }
}

/** Fills in every number. @throws Error where they are not of so many items */
export function unpackNumbers(packed: PackedNumbers | undefined, values: Uint16Array, usual: Usual): void {
  if (packed && 'all' in packed) return unpackAll(packed, values)
  for (let place = 0; place < values.length; place += 1) values[place] = usualOf(usual, place)
  const reader = new ByteReader(packed?.runs ?? '')
  let place = 0
  while (!reader.isAtEnd) {
    const head = reader.next()
    const value = reader.next()
    const length = head % 2 === 1 ? reader.next() + 2 : 1
    place += Math.floor(head / 2)
    if (place + length > values.length) throw new Error(`Packed numbers of more than ${values.length} items`)
    values.fill(value, place, place + length)
    place += length
  }
}

function unpackAll({ all, bytes }: Extract<PackedNumbers, { all: string }>, values: Uint16Array): void {
  const read = bytesOf(all)
  if (read.length !== values.length * bytes) throw new Error(`Packed numbers of other than ${values.length} items`)
  if (bytes === 1) values.set(read)
  else new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(read)
}
