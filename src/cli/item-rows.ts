/** The items of a run as rows: state, attempts, time, reason. For the items view, `items` and summaries. */
import type { ItemPage, ItemQuery, ItemRow, ItemStateWord, ItemUndo } from '../model/feed.ts'
import type { ItemIndex } from '../model/ids.ts'
import { itemIndex } from '../model/ids.ts'
import type { Batch } from '../model/plan.ts'
import { batchOf, itemName } from '../model/plan.ts'
import type { Reason } from '../model/reason.ts'
import type { RunState } from '../run/state.ts'
import { batchState, becauseOf, STATUS } from '../run/state.ts'
import { describeBecause, describeReason, describeUndo } from '../view/describe-event.ts'

const words: Readonly<Record<number, ItemStateWord>> = {
  [STATUS.queued]: 'queued',
  [STATUS.handed]: 'queued',
  [STATUS.waiting]: 'waiting',
  [STATUS.succeeded]: 'succeeded',
  [STATUS.failed]: 'failed',
  [STATUS.skipped]: 'skipped',
}

/** Items that run at this moment: only a live run knows. An item in a thread's chunk that has not begun counts as queued. */
type Running = ReadonlySet<ItemIndex>

export interface ItemSource {
  readonly state: RunState
  readonly running: Running
}

function stateOf({ state, running }: ItemSource, item: ItemIndex): ItemStateWord {
  return running.has(item) ? 'running' : (words[state.items.status[item] ?? STATUS.queued] ?? 'queued')
}

/** Why its last attempt did not succeed, where that is how things stand. */
export function reasonOf(state: RunState, item: ItemIndex): Reason | undefined {
  const status = state.items.status[item]
  return status === STATUS.failed || status === STATUS.waiting ? state.reasons.get(item) : undefined
}

/** What has become of the undo of an item that failed; undefined where there is none. */
export function undoOf(state: RunState, item: ItemIndex): ItemUndo | undefined {
  const known = state.undone.get(item)
  if (known) return known.reason ? { state: 'failed', reason: known.reason } : { state: 'undone' }
  const { index } = batchOf(state.plan, item)
  return batchState(state, index).toUndoDurably.has(item) ? { state: 'pending' } : undefined
}

export function rowOf(source: ItemSource, item: ItemIndex): ItemRow {
  const { state } = source
  const batch = batchOf(state.plan, item)
  const word = stateOf(source, item)
  const { attempts, ms } = state.items
  const because = becauseOf(state, item)
  const why = reasonOf(state, item)
  const undo = undoOf(state, item)
  const reason = because
    ? describeBecause(because)
    : why && `${describeReason(why)}${undo ? `; ${describeUndo(undo)}` : ''}`
  const took = Math.round((ms[item] ?? 0) * 100) / 100
  const hasTime = (word === 'succeeded' || word === 'failed') && !Number.isNaN(took)
  return {
    index: item,
    name: itemName(batch, item - batch.first),
    batch: batch.id,
    state: word,
    attempts: attempts[item] ?? 0,
    ...(hasTime ? { ms: took } : {}),
    ...(reason === undefined ? {} : { reason }),
  }
}

/** Items that match, in order. A generator: there may be millions. */
export function* matching(source: ItemSource, query: Omit<ItemQuery, 'from' | 'count'>): Generator<ItemIndex> {
  const { state } = source
  const states = query.states && new Set(query.states)
  for (const batch of state.plan.batches) {
    if (query.batch !== undefined && query.batch !== batch.id) continue
    for (let place = 0; place < batch.count; place += 1) {
      const item = itemIndex(batch.first + place)
      if (states && !states.has(stateOf(source, item))) continue
      if (query.text !== undefined && !hasText(batch, place, query.text)) continue
      yield item
    }
  }
}

function hasText(batch: Batch, place: number, text: string): boolean {
  return itemName(batch, place).toLowerCase().includes(text.toLowerCase())
}

export function pageOf(source: ItemSource, query: ItemQuery): ItemPage {
  const rows: ItemRow[] = []
  let total = 0
  for (const item of matching(source, query)) {
    if (total >= query.from && rows.length < query.count) rows.push(rowOf(source, item))
    total += 1
  }
  return { rows, total }
}
