/** The next items for one thread. */
import type { BatchIndex, ItemIndex, ThreadNumber } from '../model/ids.ts'
import type { Batch } from '../model/plan.ts'
import type { BatchState, RunState } from '../run/state.ts'
import { batchState, queued, STATUS } from '../run/state.ts'
import type { Crew } from './chunk-size.ts'
import { chunkSize } from './chunk-size.ts'

export interface Pick {
  readonly batch: BatchIndex
  readonly items: readonly ItemIndex[]
}

/** What the scheduler knows of the moment besides the facts. */
export interface Field extends Crew {
  /** Open batches with items in the queue, most urgent first (`openBatches` lists them). */
  readonly open: readonly BatchIndex[]
  /** How many threads hold items of a batch. */
  readonly busy: (batch: BatchIndex) => number
}

/**
 * A thread takes from its own batches first (those that name it or no thread at all), in rank order, and from any other batch when it
 * has nothing of its own.
 */
export function pick(state: RunState, thread: ThreadNumber, field: Field): Pick | undefined {
  let other: Batch | undefined
  for (const index of field.open) {
    const batch = state.plan.batches[index] as Batch
    if (!hasRoom(state, batch, field)) continue
    if (isOwn(batch, thread, field.threads)) return take(state, batch, field)
    if (!batch.isThreadsOnly) other ??= batch
  }
  return other && take(state, other, field)
}

/** Threads a batch names beyond the live count mean any. */
function isOwn({ threads }: Batch, thread: ThreadNumber, count: number): boolean {
  return threads.includes(thread) || !threads.some((named) => named <= count)
}

function hasRoom(state: RunState, batch: Batch, field: Field): boolean {
  if (queued(batchState(state, batch.index)) === 0) return false
  return batch.parallel === undefined || field.busy(batch.index) < batch.parallel
}

function take(state: RunState, batch: Batch, field: Field): Pick {
  const facts = batchState(state, batch.index)
  return { batch: batch.index, items: nextItems(state, batch, facts, chunkSize(state.plan, facts, field)) }
}

/**
 * Items that came back go first, then those never handed out. One that was on a thread when a supervisor died goes alone: if it is what
 * killed it, it takes no others with it.
 */
function nextItems(state: RunState, batch: Batch, facts: BatchState, most: number): ItemIndex[] {
  const { status } = state.items
  const { deaths } = state
  const items: ItemIndex[] = []
  for (let place = 0; items.length < most && place < facts.returned.size; place += 1) {
    const item = facts.returned.at(place) as ItemIndex
    if (status[item] !== STATUS.queued || items.includes(item)) continue
    if (deaths.size === 0 || !deaths.has(item)) items.push(item)
    else if (items.length === 0) return [item]
  }
  for (let place = facts.cursor; items.length < most && place < batch.count; place += 1) {
    const item = (batch.first + place) as ItemIndex
    if (status[item] !== STATUS.queued) continue
    if (deaths.size === 0 || !deaths.has(item)) items.push(item)
    else if (items.length === 0) return [item]
  }
  return items
}
