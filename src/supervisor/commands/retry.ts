import type { Answer, Command } from '../../model/command.ts'
import type { BatchIndex, ItemIndex } from '../../model/ids.ts'
import type { Batch, Need } from '../../model/plan.ts'
import { batchOf } from '../../model/plan.ts'
import { batchState, STATUS } from '../../run/state.ts'
import type { Core } from '../core.ts'
import { done, refused } from '../core.ts'
import { nameItem } from './name-item.ts'

type Retry = Pick<Extract<Command, { verb: 'retryItems' }>, 'items'>

/** Back to the queue; what was skipped only because these failed waits for them again. */
export function retryItems(core: Core, { items: wanted }: Retry): Answer {
  const items = wanted === 'failed' ? allFailed(core) : [...new Set(wanted)]
  const other = items.find((item) => !isFailed(core, item) && !isSkippedByUser(core, item))
  if (other !== undefined)
    return refused('not-failed', `${nameItem(core, other)} has neither failed nor been skipped by a person.`)
  if (items.length === 0) return done('No item has failed.')
  const unskipped = unskippedBy(core, new Set(items.map((item) => batchOf(core.plan, item).index)))
  core.emit({
    type: 'items.requeued',
    failed: items.filter((item) => isFailed(core, item)),
    skipped: items.filter((item) => !isFailed(core, item)),
    unskipped,
  })
  core.standing = undefined
  core.works.clear()
  return backInQueue(core, items)
}

/**
 * The retry that a run which was over is started again for. A recovery with a changed plan may have put items back already.
 * @param requeued how many it did
 */
export function retryRecovered(core: Core, { items }: Retry, requeued: number): Answer {
  if (items === 'failed') {
    const failed = allFailed(core)
    if (failed.length === 0 && requeued > 0) return done(`${requeued} items are back in the queue.`)
    return retryItems(core, { items: failed })
  }
  const left = items.filter((item) => core.state.items.status[item] !== STATUS.queued)
  if (left.length === 0) return backInQueue(core, items)
  const answer = retryItems(core, { items: left })
  return answer.ok ? backInQueue(core, items) : answer
}

function backInQueue(core: Core, items: readonly ItemIndex[]): Answer {
  return done(
    items.length === 1
      ? `${nameItem(core, items[0] as ItemIndex)} is back in the queue.`
      : `${items.length} items are back in the queue.`,
  )
}

function isFailed(core: Core, item: ItemIndex): boolean {
  return core.state.items.status[item] === STATUS.failed
}

function isSkippedByUser(core: Core, item: ItemIndex): boolean {
  return core.state.items.status[item] === STATUS.skipped && core.state.because.get(item)?.kind === 'user'
}

function allFailed(core: Core): ItemIndex[] {
  const items: ItemIndex[] = []
  for (let item = 0; item < core.plan.items; item += 1)
    if (isFailed(core, item as ItemIndex)) items.push(item as ItemIndex)
  return items
}

/** Batches that were skipped for a need, directly or through others, of the batches whose items go back. */
function unskippedBy(core: Core, reached: Set<BatchIndex>): { batch: BatchIndex; count: number }[] {
  const found: { batch: BatchIndex; count: number }[] = []
  for (let before = -1; before !== found.length; ) {
    before = found.length
    for (const batch of core.plan.batches) {
      const facts = batchState(core.state, batch.index)
      if (reached.has(batch.index) || facts.because?.kind !== 'need' || !needsAnyOf(core, batch, reached)) continue
      reached.add(batch.index)
      found.push({ batch: batch.index, count: facts.applied.skipped - facts.applied.skippedByUser })
    }
  }
  return found
}

function needsAnyOf(core: Core, batch: Batch, reached: ReadonlySet<BatchIndex>): boolean {
  const meets = (need: Need) =>
    need.kind === 'batch'
      ? reached.has(need.index as BatchIndex)
      : core.plan.batches.some(({ phase, index }) => phase === need.index && reached.has(index))
  return batch.needs.some(meets)
}
