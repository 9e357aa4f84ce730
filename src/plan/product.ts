/** Items that are every combination of some columns' values: never listed, whatever their number. */
import type { ColumnValues, ItemNames } from '../model/plan.ts'
import { valueCount } from '../model/plan.ts'
import { parseRange } from './range.ts'
import type { ItemsInput } from './schema.ts'

export type ProductInput = Extract<ItemsInput, { product: unknown }>['product']

/** A list of values, or a range as text. */
export function valuesOf(column: ProductInput[string]): ColumnValues | undefined {
  if (typeof column !== 'string') return { kind: 'list', values: column }
  const result = parseRange(column)
  return result.ok ? { kind: 'pattern', ...result.range } : undefined
}

/** The last column changes fastest. */
export function combine(product: ProductInput): { readonly names: ItemNames; readonly count: number } {
  const columns = Object.entries(product).map(([name, column]) => ({
    name,
    values: valuesOf(column) ?? { kind: 'list' as const, values: [] },
  }))
  return {
    names: { kind: 'product', columns },
    count: columns.reduce((count, { values }) => count * valueCount(values), 1),
  }
}
