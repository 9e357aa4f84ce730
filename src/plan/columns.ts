/** Which columns the items of a batch have besides their names: what `{name}` may stand for in its texts. */
import type { ItemNames } from '../model/plan.ts'
import type { ItemsInput } from './schema.ts'

/** Undefined: they are known only when their table is read, so that every word in braces may be one. */
export type Columns = readonly string[] | undefined

/** As far as the plan file says it. */
export function columnsOf(items: ItemsInput | undefined): Columns {
  if (typeof items !== 'object' || Array.isArray(items)) return []
  if ('csv' in items) return undefined
  return 'product' in items ? Object.keys(items.product) : []
}

/** Once its items are listed; still undefined where they are listed later. */
export function columnsOfListed(items: ItemsInput | undefined, names: ItemNames): Columns {
  if (names.kind === 'product') return names.columns.map(({ name }) => name)
  return names.kind === 'list' && names.table ? names.table.columns : columnsOf(items)
}
