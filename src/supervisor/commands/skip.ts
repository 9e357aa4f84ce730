import type { Answer, Command } from '../../model/command.ts'
import type { BatchIndex, ItemIndex } from '../../model/ids.ts'
import { batchOf } from '../../model/plan.ts'
import { STATUS } from '../../run/state.ts'
import { endBatch } from '../batches.ts'
import type { Core } from '../core.ts'
import { done, refused } from '../core.ts'
import { nameItem } from './name-item.ts'

/** Out of the queue for good (until a `retry`): counts as done for whoever needs the batch. */
export function skipItems(core: Core, command: Extract<Command, { verb: 'skipItems' }>): Answer {
  const items = [...new Set(command.items)]
  const other = items.find((item) => !isOpen(core, item))
  if (other !== undefined)
    return refused('not-queued', `${nameItem(core, other)} is not in the queue.`, { hint: hintFor(core, other) })
  const byBatch = new Map<BatchIndex, ItemIndex[]>()
  for (const item of items) {
    const { index } = batchOf(core.plan, item)
    byBatch.set(index, [...(byBatch.get(index) ?? []), item])
  }
  for (const [batch, some] of byBatch) {
    core.emit({ type: 'items.skipped', batch, items: some, count: some.length, because: { kind: 'user' } })
    endBatch(core, batch)
  }
  core.standing = undefined
  return done(
    items.length === 1 ? `Skipped ${nameItem(core, items[0] as ItemIndex)}.` : `Skipped ${items.length} items.`,
  )
}

function isOpen(core: Core, item: ItemIndex): boolean {
  const status = core.state.items.status[item]
  return status === STATUS.queued || status === STATUS.waiting
}

function hintFor(core: Core, item: ItemIndex): string {
  return core.state.items.status[item] === STATUS.handed
    ? 'It is on a thread: `batchtop end` ends it.'
    : 'It is in a final state already.'
}
