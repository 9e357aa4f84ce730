/** One of a few values for some items: two bytes an item once the first is set, and nothing before. A million entries of a Map cost 40 MB. */
import type { ItemIndex } from '../model/ids.ts'

const MOST_VALUES = 2 ** 16 - 1

export interface LabelParts<Value> {
  /** By item: place in `values` + 1; 0 where it has none. */
  readonly codes: Uint16Array | undefined
  readonly values: readonly Value[]
}

export class ItemLabels<Value> {
  #items: number
  #codes: Uint16Array | undefined
  readonly #values: Value[] = []
  /** How many items have one. */
  size = 0

  /** @throws Error where a code has no value */
  constructor(items: number, { codes, values }: LabelParts<Value> = { codes: undefined, values: [] }) {
    this.#items = items
    this.#codes = codes
    for (const value of values) this.#values.push(value)
    for (const code of codes ?? []) {
      if (code > values.length) throw new Error(`Label ${code} of ${values.length}`)
      if (code > 0) this.size += 1
    }
  }

  /** Makes room for so many items. */
  grow(items: number): void {
    this.#items = items
    if (!this.#codes) return
    const codes = new Uint16Array(items)
    codes.set(this.#codes)
    this.#codes = codes
  }

  get(item: ItemIndex): Value | undefined {
    const code = this.#codes?.[item] ?? 0
    return code === 0 ? undefined : this.#values[code - 1]
  }

  has(item: ItemIndex): boolean {
    return (this.#codes?.[item] ?? 0) > 0
  }

  set(item: ItemIndex, value: Value): void {
    this.#codes ??= new Uint16Array(this.#items)
    if (!this.#codes[item]) this.size += 1
    this.#codes[item] = this.#codeOf(value)
  }

  delete(item: ItemIndex): void {
    if (!this.#codes?.[item]) return
    this.#codes[item] = 0
    this.size -= 1
  }

  *entries(): Generator<readonly [ItemIndex, Value]> {
    if (!this.#codes || this.size === 0) return
    for (let item = 0; item < this.#items; item += 1) {
      const code = this.#codes[item] as number
      if (code > 0) yield [item as ItemIndex, this.#values[code - 1] as Value]
    }
  }

  /** What it is made of, as it is now and stays; undefined where no item has a value. */
  parts(): LabelParts<Value> | undefined {
    return this.#codes && this.size > 0 ? { codes: this.#codes.slice(), values: [...this.#values] } : undefined
  }

  #codeOf(value: Value): number {
    const known = this.#values.indexOf(value)
    if (known >= 0) return known + 1
    const text = JSON.stringify(value)
    const place = this.#values.findIndex((one) => JSON.stringify(one) === text)
    if (place >= 0) return place + 1
    if (this.#values.length === MOST_VALUES) throw new Error(`More than ${MOST_VALUES} different labels`)
    return this.#values.push(value)
  }
}
