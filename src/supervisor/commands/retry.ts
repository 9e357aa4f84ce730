import type { Answer, Command } from '../../model/command.ts'
import type { BatchIndex, ItemIndex } from '../../model/ids.ts'
import type { Batch, Need } from '../../model/plan.ts'
import { batchOf, numberCount } from '../../model/plan.ts'
import { batchState, STATUS } from '../../run/state.ts'
import { closeBreaker } from '../breaking.ts'
import type { Core } from '../core.ts'
import { done, refused } from '../core.ts'
import { itemsBeingUndone } from '../undoing.ts'
import { nameItem } from './name-item.ts'

type Retry = Pick<Extract<Command, { verb: 'retryItems' }>, 'items'>

/**
 * Back to the queue; what was skipped only because these failed waits for them again. None of them is undone any more, and an item that is
 * being undone at this moment has to wait for that: nobody knows what it would find.
 */
export function retryItems(core: Core, { items: wanted }: Retry): Answer {
  const undoing = itemsBeingUndone(core)
  const all = wanted === 'failed' ? allFailed(core) : [...new Set(wanted)]
  const late = all.filter((item) => undoing.has(item))
  const items = wanted === 'failed' ? all.filter((item) => !undoing.has(item)) : all
  if (late[0] !== undefined && (wanted !== 'failed' || items.length === 0)) return notYet(core, late[0])
  const other = items.find((item) => !isFailed(core, item) && !isSkippedByUser(core, item))
  if (other !== undefined)
    return refused('not-failed', `${nameItem(core, other)} has neither failed nor been skipped by a person.`)
  if (items.length === 0) return done('No item has failed.')
  const batches = new Set(items.map((item) => batchOf(core.plan, item).index))
  const unskipped = unskippedBy(core, new Set(batches))
  core.emit({
    type: 'items.requeued',
    failed: items.filter((item) => isFailed(core, item)),
    skipped: items.filter((item) => !isFailed(core, item)),
    unskipped,
  })
  core.standing = undefined
  core.works.clear()
  // Who wants them to run does not want them to wait.
  for (const batch of batches) closeBreaker(core, batch)
  return backInQueue(core, items, late)
}

function notYet(core: Core, item: ItemIndex): Answer {
  return refused('undoing', `${nameItem(core, item)} is being undone right now.`, {
    hint: 'It can be retried once that is over.',
  })
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
  if (items.length === 0) return done('What failed is listed anew.')
  if (left.length === 0) return backInQueue(core, items)
  const answer = retryItems(core, { items: left })
  return answer.ok ? backInQueue(core, items) : answer
}

/** @param late those that are being undone, and were left out */
function backInQueue(core: Core, items: readonly ItemIndex[], late: readonly ItemIndex[] = []): Answer {
  const named = items.length === 1 ? nameItem(core, items[0] as ItemIndex) : `${items.length} items`
  const back = `${named} ${items.length === 1 ? 'is' : 'are'} back in the queue.`
  if (late.length === 0) return done(back)
  const others = late.length === 1 ? `${nameItem(core, late[0] as ItemIndex)} is` : `${late.length} others are`
  return done(`${back} ${others} being undone right now and can be retried once that is over.`)
}

function isFailed(core: Core, item: ItemIndex): boolean {
  return core.state.items.status[item] === STATUS.failed
}

function isSkippedByUser(core: Core, item: ItemIndex): boolean {
  return core.state.items.status[item] === STATUS.skipped && core.state.because.get(item)?.kind === 'user'
}

function allFailed(core: Core): ItemIndex[] {
  const items: ItemIndex[] = []
  for (let item = 0; item < numberCount(core.plan); item += 1)
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
