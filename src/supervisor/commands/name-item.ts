import type { ItemIndex } from '../../model/ids.ts'
import { batchOf, itemName } from '../../model/plan.ts'
import type { Core } from '../core.ts'

/** Name of an item, for messages. */
export function nameItem(core: Core, item: ItemIndex): string {
  const batch = batchOf(core.plan, item)
  return itemName(batch, item - batch.first)
}
