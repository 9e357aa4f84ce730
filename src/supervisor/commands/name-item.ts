import type { ItemIndex } from '../../model/ids.ts'
import { nameText } from '../../model/names.ts'
import { batchOf, itemName } from '../../model/plan.ts'
import type { Core } from '../core.ts'

/** Name of an item, for messages: on one line. */
export function nameItem(core: Core, item: ItemIndex): string {
  const batch = batchOf(core.plan, item)
  return nameText(itemName(batch, item - batch.first))
}
