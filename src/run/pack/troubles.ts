/** What only some items have: reasons, backoff, lost processes, deaths of supervisors, an undo. */
import type { ItemIndex } from '../../model/ids.ts'
import { batchOf } from '../../model/plan.ts'
import type { Because, Reason } from '../../model/reason.ts'
import type { WallTime } from '../../model/units.ts'
import { bytes } from '../../model/units.ts'
import type { LabelParts } from '../item-labels.ts'
import { ItemLabels } from '../item-labels.ts'
import { Reasons } from '../reasons.ts'
import type { Appetite, RunState, Undone } from '../state.ts'
import { batchState, STATUS } from '../state.ts'
import type { PackedNumbers } from './numbers.ts'
import { packNumbers, unpackNumbers } from './numbers.ts'
import { packItems, packPairs, unpackItems, unpackPairs } from './pairs.ts'

/** Texts compared before the loop may go on with something else. */
const REASONS_AT_ONCE = 1000

export interface FrozenTroubles {
  readonly reasons: readonly (readonly [ItemIndex, Reason])[]
  readonly shortReasons: LabelParts<Reason> | undefined
  readonly because: LabelParts<Because> | undefined
  readonly losses: readonly (readonly [ItemIndex, number])[]
  readonly deaths: readonly (readonly [ItemIndex, number])[]
  readonly appetites: readonly (readonly [ItemIndex, Appetite])[]
  readonly undone: readonly (readonly [ItemIndex, Undone])[]
  /** By batch, in the order in which they failed. */
  readonly toUndo: readonly ItemIndex[]
  /** Items in backoff, and when each of them is due. */
  readonly waiting: readonly ItemIndex[]
  readonly due: readonly WallTime[]
}

interface PackedLabels<Value> {
  readonly values: readonly Value[]
  readonly codes: PackedNumbers
}

interface PackedReasons {
  readonly values: readonly Reason[]
  readonly items: string
}

export interface PackedTroubles {
  /** Each reason once, and which item has which. */
  readonly reasons?: PackedReasons
  readonly shortReasons?: PackedLabels<Reason>
  readonly because?: PackedLabels<Because>
  readonly losses?: string
  readonly deaths?: string
  /** What an item was seen to take; how often it failed for memory, doubled, plus 1 where it was alone. */
  readonly appetites?: { readonly peaks: string; readonly failures: string }
  readonly undone?: string
  readonly undoFailed?: PackedReasons
  readonly toUndo?: string
  readonly waiting?: { readonly items: string; readonly due: readonly WallTime[] }
}

export function freezeTroubles(state: RunState): FrozenTroubles {
  const { reasons, because, losses, deaths, appetites, undone, backoff } = state
  const waiting: ItemIndex[] = []
  const due: WallTime[] = []
  for (const [item, at] of backoff.entries()) {
    waiting.push(item)
    due.push(at)
  }
  return {
    reasons: [...reasons.full],
    shortReasons: reasons.short.parts(),
    because: because.parts(),
    losses: [...losses],
    deaths: [...deaths],
    appetites: [...appetites],
    undone: [...undone],
    toUndo: state.batches.flatMap(({ toUndo }) => toUndo),
    waiting,
    due,
  }
}

export function* packTroubles(frozen: FrozenTroubles, status: Uint8Array): Generator<void, PackedTroubles> {
  const { reasons, losses, deaths, appetites, waiting, due } = frozen
  const shortReasons = yield* packLabels(frozen.shortReasons, status)
  const because = yield* packLabels(frozen.because, status)
  return {
    ...(reasons.length > 0 ? { reasons: yield* packReasons(reasons) } : {}),
    ...(shortReasons ? { shortReasons } : {}),
    ...(because ? { because } : {}),
    ...(losses.length > 0 ? { losses: yield* packPairs(losses) } : {}),
    ...(deaths.length > 0 ? { deaths: yield* packPairs(deaths) } : {}),
    ...(appetites.length > 0 ? { appetites: yield* packAppetites(appetites) } : {}),
    ...(yield* packUndos(frozen)),
    ...(waiting.length > 0 ? { waiting: { items: yield* packItems(waiting), due } } : {}),
  }
}

function* packReasons(reasons: FrozenTroubles['reasons']): Generator<void, PackedReasons> {
  const values: Reason[] = []
  const places = new Map<string, number>()
  const pairs: [ItemIndex, number][] = []
  for (const [item, reason] of reasons) {
    const text = JSON.stringify(reason)
    const place = places.get(text) ?? values.push(reason) - 1
    places.set(text, place)
    pairs.push([item, place])
    if (pairs.length % REASONS_AT_ONCE === 0) yield
  }
  return { values, items: yield* packPairs(pairs) }
}

function* packUndos({ undone, toUndo }: FrozenTroubles): Generator<void, Partial<PackedTroubles>> {
  const good = undone.flatMap(([item, { reason }]) => (reason ? [] : [item]))
  const bad = undone.flatMap(([item, { reason }]) => (reason ? [[item, reason] as const] : []))
  return {
    ...(good.length > 0 ? { undone: yield* packItems(good) } : {}),
    ...(bad.length > 0 ? { undoFailed: yield* packReasons(bad) } : {}),
    ...(toUndo.length > 0 ? { toUndo: yield* packItems(toUndo) } : {}),
  }
}

function* packAppetites(
  appetites: FrozenTroubles['appetites'],
): Generator<void, NonNullable<PackedTroubles['appetites']>> {
  return {
    peaks: yield* packPairs(appetites.map(([item, { peak }]) => [item, peak])),
    failures: yield* packPairs(appetites.map(([item, { failures }]) => [item, failures])),
  }
}

/** @throws Error where the two lists are not of the same items */
function unpackAppetites({ appetites }: PackedTroubles, items: number): Map<ItemIndex, Appetite> {
  const failures = new Map(unpackPairs(appetites?.failures ?? '', items))
  return new Map(
    unpackPairs(appetites?.peaks ?? '', items).map(([item, peak]) => {
      const count = failures.get(item)
      if (count === undefined) throw new Error(`Packed memory of item ${item} without its failures`)
      return [item, { failures: count, peak: bytes(peak) }]
    }),
  )
}

function* packLabels<Value>(
  parts: LabelParts<Value> | undefined,
  status: Uint8Array,
): Generator<void, PackedLabels<Value> | undefined> {
  const codes = parts?.codes && (yield* packNumbers(parts.codes, { status, ones: 0 }))
  return parts && codes ? { values: parts.values, codes } : undefined
}

type Troubles = Pick<RunState, 'reasons' | 'because' | 'losses' | 'deaths' | 'appetites' | 'undone'>

/** @param status of all items @throws Error where it is not about so many items */
export function unpackTroubles(packed: PackedTroubles, status: Uint8Array): Troubles {
  const items = status.length
  const reasons = new Reasons(items, unpackLabels(packed.shortReasons, status))
  for (const [item, reason] of unpackReasons(packed.reasons, items)) reasons.set(item, reason)
  return {
    reasons,
    because: unpackLabels(packed.because, status),
    losses: new Map(unpackPairs(packed.losses ?? '', items)),
    deaths: new Map(unpackPairs(packed.deaths ?? '', items)),
    appetites: unpackAppetites(packed, items),
    undone: new Map([
      ...unpackItems(packed.undone ?? '').map((item) => [item, {}] as const),
      ...unpackReasons(packed.undoFailed, items).map(([item, reason]) => [item, { reason }] as const),
    ]),
  }
}

function unpackReasons(packed: PackedReasons | undefined, items: number): (readonly [ItemIndex, Reason])[] {
  const { values = [], items: which = '' } = packed ?? {}
  return unpackPairs(which, items).map(([item, place]) => {
    const reason = values[place]
    if (!reason) throw new Error(`Packed reason ${place} of ${values.length}`)
    return [item, reason]
  })
}

/** Puts failed items where their undo is due. */
export function unpackToUndo({ toUndo }: PackedTroubles, state: RunState): void {
  for (const item of unpackItems(toUndo ?? '')) {
    if (state.items.status[item] !== STATUS.failed) throw new Error(`Packed item ${item} cannot be to be undone`)
    batchState(state, batchOf(state.plan, item).index).toUndo.push(item)
  }
}

function unpackLabels<Value>(packed: PackedLabels<Value> | undefined, status: Uint8Array): ItemLabels<Value> {
  if (!packed) return new ItemLabels(status.length)
  const codes = new Uint16Array(status.length)
  unpackNumbers(packed.codes, codes, { status, ones: 0 })
  return new ItemLabels(status.length, { codes, values: packed.values })
}

/** Puts items that are in the queue into backoff. */
export function unpackWaiting({ waiting }: PackedTroubles, state: RunState): void {
  if (!waiting) return
  const { status } = state.items
  const items = unpackItems(waiting.items)
  if (items.length !== waiting.due.length) throw new Error(`Packed times of other than ${items.length} items`)
  for (const [place, item] of items.entries()) {
    if (status[item] !== STATUS.queued) throw new Error(`Packed item ${item} cannot be in backoff`)
    status[item] = STATUS.waiting
    state.backoff.add(item, waiting.due[place] as WallTime)
  }
}
