/** The next items for one thread. */
import type { BatchIndex, ItemIndex, ThreadNumber } from '../model/ids.ts'
import type { Batch, WorkKind } from '../model/plan.ts'
import type { BatchState, RunState } from '../run/state.ts'
import { batchState, queued, STATUS } from '../run/state.ts'
import { mostAtOnce } from './breaker.ts'
import type { Crew } from './chunk-size.ts'
import { chunkSize } from './chunk-size.ts'

/** What the scheduler knows of the moment besides the facts. */
export interface Field extends Crew {
  /** Open batches with items in the queue, most urgent first (`openBatches` lists them). */
  readonly open: readonly BatchIndex[]
  /** How many threads hold items of a batch. */
  readonly busy: (batch: BatchIndex) => number
  /** Whether there is memory for an item: for any of the batch, as they usually are, or for one that is known by itself (`appetites`). */
  readonly fits: (batch: BatchIndex, own?: ItemIndex) => boolean
}

/** Who asks. */
export interface Taker {
  readonly thread: ThreadNumber
  /** True: its process has run nothing yet. */
  readonly isFresh: boolean
  /** Work of this kind alone; left out: of any. */
  readonly only?: WorkKind
}

/** An item of a batch, or any of them. */
export interface Wanted {
  readonly batch: BatchIndex
  readonly item?: ItemIndex
}

/** A memory failure is tried again in a process of its own, so that all it takes is known to be its own. */
export interface WantsFresh extends Wanted {
  readonly item: ItemIndex
}

export interface Pick {
  readonly kind: 'items'
  readonly batch: BatchIndex
  readonly items: readonly ItemIndex[]
  /** What there is no memory for although its turn came before. */
  readonly passed?: Wanted
  /** Its turn came before and it fits, but this process has run something. */
  readonly wantsFresh?: WantsFresh
}

export type Picked =
  | Pick
  /** All that fits is to run in a new process only. */
  | ({ readonly kind: 'wantsFresh' } & WantsFresh)
  /** There are items, but no memory for any of them: this is the first. */
  | ({ readonly kind: 'lacks' } & Wanted)

/** What a search went past. */
interface Missed {
  passed?: Wanted
  wantsFresh?: WantsFresh
}

/**
 * A thread takes from its own batches first (those that name it or no thread at all), in rank order, and from any other batch when it
 * has nothing of its own. What there is no memory for is passed over. @returns undefined where there is nothing to do
 */
export function pick(state: RunState, taker: Taker, field: Field): Picked | undefined {
  const special = taker.isFresh && state.appetites.size > 0 ? pickForFresh(state, taker, field) : undefined
  if (special) return special
  const missed: Missed = {}
  for (const batch of batchesFor(state, taker, field)) {
    const items = take(state, batch, { taker, field, missed })
    if (items.length > 0) return { kind: 'items', batch: batch.index, items, ...missed }
  }
  if (missed.wantsFresh) return { kind: 'wantsFresh', ...missed.wantsFresh }
  return missed.passed && { kind: 'lacks', ...missed.passed }
}

/** Who needs a fresh process goes before all others on one: else it would be spent on something that needs none. */
function pickForFresh(state: RunState, taker: Taker, field: Field): Pick | undefined {
  for (const batch of batchesFor(state, taker, field)) {
    const item = knownItems(state, batch).find((one) => needsFresh(state, batch, one) && field.fits(batch.index, one))
    if (item !== undefined) return { kind: 'items', batch: batch.index, items: [item] }
  }
  return undefined
}

/** Batches a thread may take from, its own first. */
function* batchesFor(state: RunState, { thread, only }: Taker, field: Field): Generator<Batch> {
  let hasOthers = false
  for (const index of field.open) {
    const batch = state.plan.batches[index] as Batch
    if (only !== undefined && batch.work.kind !== only) continue
    if (!isOwn(batch, thread, field.threads)) hasOthers ||= !batch.isThreadsOnly
    else if (hasRoom(state, batch, field)) yield batch
  }
  if (!hasOthers) return
  for (const index of field.open) {
    const batch = state.plan.batches[index] as Batch
    if (only !== undefined && batch.work.kind !== only) continue
    if (!batch.isThreadsOnly && !isOwn(batch, thread, field.threads) && hasRoom(state, batch, field)) yield batch
  }
}

/** Threads a batch names beyond the live count mean any. */
function isOwn({ threads }: Batch, thread: ThreadNumber, count: number): boolean {
  return threads.includes(thread) || !threads.some((named) => named <= count)
}

function hasRoom(state: RunState, batch: Batch, field: Field): boolean {
  const facts = batchState(state, batch.index)
  if (queued(facts) === 0 || mostAtOnce(facts) === 0) return false
  return batch.parallel === undefined || field.busy(batch.index) < batch.parallel
}

interface Search {
  readonly taker: Taker
  readonly field: Field
  readonly missed: Missed
}

/** Items that are known by themselves came back, so they go first, each alone. */
function take(state: RunState, batch: Batch, { taker, field, missed }: Search): readonly ItemIndex[] {
  const { index } = batch
  const known = state.appetites.size === 0 ? [] : knownItems(state, batch)
  for (const item of known) {
    if (!field.fits(index, item)) missed.passed ??= { batch: index, item }
    else if (!taker.isFresh && needsFresh(state, batch, item)) missed.wantsFresh ??= { batch: index, item }
    else return [item]
  }
  const facts = batchState(state, index)
  if (queued(facts) === known.length) return []
  const most = Math.min(mostAtOnce(facts), chunkSize(state.plan, facts, field))
  if (field.fits(index)) return nextItems(state, batch, facts, most)
  missed.passed ??= { batch: index }
  return []
}

/** Those of a batch that are in the queue. */
function knownItems({ appetites, items: { status } }: RunState, { first, count }: Batch): ItemIndex[] {
  const known: ItemIndex[] = []
  for (const item of appetites.keys()) {
    if (item >= first && item < first + count && status[item] === STATUS.queued) known.push(item)
  }
  return known
}

/** A command is always alone in its processes. */
function needsFresh({ appetites }: RunState, { work }: Batch, item: ItemIndex): boolean {
  return work.kind === 'module' && (appetites.get(item)?.failures ?? 0) > 0
}

/**
 * Items that came back go first, then those never handed out. One that was on a thread when a supervisor died goes alone: if it is what
 * killed it, it takes no others with it.
 */
function nextItems(state: RunState, batch: Batch, facts: BatchState, most: number): ItemIndex[] {
  const { status } = state.items
  const { appetites, deaths } = state
  const isFree = (item: ItemIndex) => status[item] === STATUS.queued && (appetites.size === 0 || !appetites.has(item))
  const items: ItemIndex[] = []
  for (let place = 0; items.length < most && place < facts.returned.size; place += 1) {
    const item = facts.returned.at(place) as ItemIndex
    if (!isFree(item) || items.includes(item)) continue
    if (deaths.size === 0 || !deaths.has(item)) items.push(item)
    else if (items.length === 0) return [item]
  }
  for (let place = facts.cursor; items.length < most && place < batch.count; place += 1) {
    const item = (batch.first + place) as ItemIndex
    if (!isFree(item)) continue
    if (deaths.size === 0 || !deaths.has(item)) items.push(item)
    else if (items.length === 0) return [item]
  }
  return items
}
