/** Which items of a batch are in another version of it, by name. Ranges of names are compared by arithmetic: they may hold millions. */
import type { Batch, ColumnValues, ItemNames, ProductColumn } from '../model/plan.ts'
import { itemName, valueCount } from '../model/plan.ts'

/** Where items of the old batch stand in the new one. */
export type Match =
  /** Those from `from` on stand `shift` places further. */
  | { readonly kind: 'shift'; readonly from: number; readonly count: number; readonly shift: number }
  /** By old place: the new one, -1 where there is none. */
  | { readonly kind: 'table'; readonly places: Int32Array; readonly count: number }

type Pattern = Extract<ItemNames, { kind: 'pattern' }>
type Product = Extract<ItemNames, { kind: 'product' }>

const NONE: Match = { kind: 'shift', from: 0, count: 0, shift: 0 }

/** @returns the place, -1 where the old item is not in the new batch */
export function newPlace(match: Match, place: number): number {
  if (match.kind === 'table') return match.places[place] ?? -1
  return place >= match.from && place < match.from + match.count ? place + match.shift : -1
}

export function matchItems(old: Batch, next: Batch): Match {
  if (old.names.kind === 'list' && next.names.kind === 'list') return matchLists(old.names.names, next.names.names)
  if (old.names.kind === 'pattern' && next.names.kind === 'pattern') {
    if (old.names.prefix === next.names.prefix && old.names.suffix === next.names.suffix)
      return matchRanges(ends(old, old.names), ends(next, next.names))
    if (!mayShareNames(old.names, next.names)) return NONE
  }
  if (old.names.kind === 'product' && next.names.kind === 'product' && areSameColumns(old.names, next.names))
    return { kind: 'shift', from: 0, count: old.count, shift: 0 }
  return matchOneByOne(old, next)
}

function areSameColumns(old: Product, next: Product): boolean {
  return JSON.stringify(old.columns) === JSON.stringify(next.columns)
}

interface Range {
  readonly from: number
  readonly to: number
  readonly width: number
}

function ends({ count }: Batch, { from, width }: Pattern): Range {
  return { from, to: from + count, width: Math.max(1, width) }
}

function matchRanges(old: Range, next: Range): Match {
  // Numbers that are padded differently are the same text only where they need no padding.
  const widest = Math.max(old.width, next.width)
  const least = old.width === next.width ? 0 : 10 ** (widest - 1)
  const low = Math.max(old.from, next.from, least)
  const high = Math.min(old.to, next.to)
  if (high <= low) return NONE
  return { kind: 'shift', from: low - old.from, count: high - low, shift: old.from - next.from }
}

/** What stands around the number must be the same, or hold digits that could belong to it. */
function mayShareNames(old: Pattern, next: Pattern): boolean {
  const [prefix, longerPrefix] = byLength(old.prefix, next.prefix)
  const [suffix, longerSuffix] = byLength(old.suffix, next.suffix)
  return (
    longerPrefix.startsWith(prefix) &&
    isDigit(longerPrefix[prefix.length]) &&
    longerSuffix.endsWith(suffix) &&
    isDigit(longerSuffix[longerSuffix.length - suffix.length - 1])
  )
}

/** Undefined: there is nothing, so nothing is in the way. */
function isDigit(text: string | undefined): boolean {
  return text === undefined || (text >= '0' && text <= '9')
}

function byLength(one: string, other: string): readonly [string, string] {
  return one.length <= other.length ? [one, other] : [other, one]
}

/** Lists mostly differ in a stretch, so only what is between equal beginnings and ends is looked up. */
function matchLists(old: readonly string[], next: readonly string[]): Match {
  const least = Math.min(old.length, next.length)
  let head = old === next ? least : 0
  while (head < least && old[head] === next[head]) head += 1
  if (head === old.length) return { kind: 'shift', from: 0, count: head, shift: 0 }
  let tail = 0
  while (tail < least - head && old[old.length - 1 - tail] === next[next.length - 1 - tail]) tail += 1
  const shift = next.length - old.length
  const known = new Map<string, number>()
  for (let place = head; place < next.length - tail; place += 1) known.set(next[place] as string, place)
  return tableOf(old.length, (place) => {
    if (place < head) return place
    return place >= old.length - tail ? place + shift : (known.get(old[place] as string) ?? -1)
  })
}

/** Walks the side that has fewer items. */
function matchOneByOne(old: Batch, next: Batch): Match {
  if (old.count <= next.count) {
    const find = finderIn(next)
    return tableOf(old.count, (place) => find(itemName(old, place)) ?? -1)
  }
  const find = finderIn(old)
  const places = new Int32Array(old.count).fill(-1)
  for (let place = 0; place < next.count; place += 1) {
    const found = find(itemName(next, place))
    if (found !== undefined) places[found] = place
  }
  return simplest(places)
}

/** For many names: places in a list are noted once. */
function finderIn(batch: Batch): (name: string) => number | undefined {
  if (batch.names.kind !== 'list') return (name) => placeOf(batch, name)
  const places = new Map(batch.names.names.map((name, place) => [name, place]))
  return (name) => places.get(name)
}

function tableOf(length: number, find: (place: number) => number): Match {
  const places = new Int32Array(length)
  for (let place = 0; place < length; place += 1) places[place] = find(place)
  return simplest(places)
}

/** However it was found out: items that all stand where they stood are one stretch. */
function simplest(places: Int32Array): Match {
  let count = 0
  let moved = 0
  for (let place = 0; place < places.length; place += 1) {
    if (places[place] !== place) moved += 1
    if ((places[place] as number) >= 0) count += 1
  }
  return moved === 0 ? { kind: 'shift', from: 0, count, shift: 0 } : { kind: 'table', places, count }
}

/** Cells may hold what stands between them, so this is a guess that the caller checks. */
function productPlace(columns: readonly ProductColumn[], name: string): number | undefined {
  let place = 0
  let rest = name
  for (const [index, column] of columns.entries()) {
    const head = `${index === 0 ? '' : ','}${column.name}=`
    if (!rest.startsWith(head)) return undefined
    rest = rest.slice(head.length)
    const next = columns[index + 1]
    const end = next ? rest.indexOf(`,${next.name}=`) : rest.length
    const cell = valuePlace(column.values, rest.slice(0, Math.max(0, end)))
    if (cell === undefined) return undefined
    place = place * valueCount(column.values) + cell
    rest = rest.slice(end)
  }
  return place
}

function valuePlace(values: ColumnValues, text: string): number | undefined {
  if (values.kind === 'list') {
    const place = values.values.indexOf(text)
    return place < 0 ? undefined : place
  }
  const digits = text.slice(values.prefix.length, text.length - values.suffix.length)
  const place = /^\d+$/.test(digits) ? Number(digits) - values.from : -1
  return place >= 0 && place < values.count ? place : undefined
}

/** Place of an item in its batch by its name. Names made from a pattern are computed, never listed: a batch may have millions. */
export function placeOf(batch: Batch, name: string): number | undefined {
  const { names } = batch
  if (names.kind === 'list') {
    const place = names.names.indexOf(name)
    return place < 0 ? undefined : place
  }
  if (names.kind === 'product') {
    const place = productPlace(names.columns, name)
    return place !== undefined && place < batch.count && itemName(batch, place) === name ? place : undefined
  }
  if (!name.startsWith(names.prefix) || !name.endsWith(names.suffix)) return undefined
  const digits = name.slice(names.prefix.length, name.length - names.suffix.length)
  const place = /^\d+$/.test(digits) ? Number(digits) - names.from : -1
  return place >= 0 && place < batch.count && itemName(batch, place) === name ? place : undefined
}
