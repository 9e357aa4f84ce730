/** What items and batches keep under another plan: see `carryOver`. */
import type { ItemIndex } from '../model/ids.ts'
import { itemIndex } from '../model/ids.ts'
import { batchOf, itemName } from '../model/plan.ts'
import { Durations } from './durations.ts'
import { newPlace } from './match-items.ts'
import type { Route, Routes } from './routes.ts'
import { Sizes } from './sizes.ts'
import type { ItemTable, RunState } from './state.ts'
import { batchState, becauseOf, STATUS } from './state.ts'

export interface Carrying {
  readonly old: RunState
  readonly next: RunState
  readonly routes: Routes
  readonly changed: 'rerun' | 'keep'
}

interface Carried {
  /** Items that are in both plans. */
  readonly matched: number
  readonly changed: number
  readonly requeued: number
  readonly voids: ReadonlyMap<string, readonly string[]>
}

export function carryItems(carrying: Carrying): Carried {
  const counts = { matched: 0, changed: 0, requeued: 0 }
  const voids = new Map<string, readonly string[]>()
  for (const route of carrying.routes.all) {
    copyTable(carrying, route)
    counts.matched += route.match.count
    const isWhole = route.match.count === route.old.count
    if (isWhole && route.differs === false) continue
    const walked = walk(carrying, route)
    counts.changed += walked.changed
    counts.requeued += walked.requeued
    if (walked.voids.length > 0) voids.set(route.next.id, walked.voids)
  }
  carryTroubles(carrying)
  return { ...counts, voids }
}

const COLUMNS: readonly (keyof ItemTable)[] = ['status', 'attempts', 'failures', 'ms']

function copyTable({ old, next }: Carrying, { old: from, next: to, match }: Route): void {
  for (const column of COLUMNS) {
    const [source, target] = [old.items[column], next.items[column]]
    if (match.kind === 'shift') {
      const start = from.first + match.from
      target.set(source.subarray(start, start + match.count), to.first + match.from + match.shift)
      continue
    }
    for (let place = 0; place < from.count; place += 1) {
      const found = match.places[place] as number
      if (found >= 0) target[to.first + found] = source[from.first + place] as number
    }
  }
}

/** Looks at every item of a batch of which some are gone or run something else. */
function walk({ old, next, routes, changed }: Carrying, { old: batch, next: to, match }: Route) {
  const voids: string[] = []
  const counts = { changed: 0, requeued: 0 }
  for (let place = 0; place < batch.count; place += 1) {
    const item = itemIndex(batch.first + place)
    const found = newPlace(match, place)
    const isOther = found >= 0 && routes.isOther(item)
    if (found >= 0 && !isOther) continue
    const isEnded = hasEnded(old, item)
    if (isOther && isEnded) counts.changed += 1
    if (isOther && isEnded && changed === 'keep') continue
    if (old.items.status[item] === STATUS.succeeded) voids.push(itemName(batch, place))
    if (!isOther) continue
    if (isEnded) counts.requeued += 1
    renew(next, itemIndex(to.first + found), isEnded)
  }
  return { ...counts, voids }
}

/** It is other work from here on, but its attempts go on counting: no two of them may be the same. */
function renew({ items: { status, failures } }: RunState, item: ItemIndex, isEnded: boolean): void {
  failures[item] = 0
  if (isEnded || status[item] === STATUS.waiting) status[item] = STATUS.queued
}

/** Whether an item is done with, for all that it and the person wanted. One that is skipped for a need may run yet. */
function hasEnded(state: RunState, item: ItemIndex): boolean {
  const status = state.items.status[item]
  if (status === STATUS.skipped) return becauseOf(state, item)?.kind === 'user'
  return status === STATUS.succeeded || status === STATUS.failed
}

/** What only some items have. */
function carryTroubles({ old, next, routes, changed }: Carrying): void {
  const target = (item: ItemIndex): ItemIndex | undefined => {
    const isRenewed = routes.isOther(item) && !(changed === 'keep' && hasEnded(old, item))
    return isRenewed ? undefined : routes.item(item)
  }
  for (const [item, reason] of old.reasons.entries()) on(target(item), (to) => next.reasons.set(to, reason))
  for (const [item, count] of old.losses) on(target(item), (to) => next.losses.set(to, count))
  for (const [item, count] of old.deaths) on(target(item), (to) => next.deaths.set(to, count))
  for (const [item, known] of old.appetites) on(target(item), (to) => next.appetites.set(to, known))
  for (const [item, known] of old.undone) on(target(item), (to) => next.undone.set(to, known))
  for (const { toUndo } of old.batches) for (const item of toUndo) on(target(item), (to) => carryUndo(next, to))
  for (const [item, at] of old.backoff.entries()) on(target(item), (to) => next.backoff.add(to, at))
  for (const [item, because] of old.because.entries()) {
    on(routes.item(item), (to) => {
      if (next.items.status[to] === STATUS.skipped) next.because.set(to, because)
    })
  }
}

/** Where the new plan still knows how. */
function carryUndo(next: RunState, item: ItemIndex): void {
  const { index, undo } = batchOf(next.plan, item)
  if (undo) batchState(next, index).toUndo.push(item)
}

function on(item: ItemIndex | undefined, carry: (item: ItemIndex) => void): void {
  if (item !== undefined) carry(item)
}

export function carryBatch(old: RunState, next: RunState, route: Route): void {
  const from = batchState(old, route.old.index)
  const to = batchState(next, route.next.index)
  to.durations = Durations.unpack(from.durations.pack())
  to.sizes = Sizes.unpack(from.sizes.pack())
  to.startedAt = from.startedAt
  to.endedAt = from.endedAt
  to.pausedBy = from.pausedBy
  to.because = from.because
  if (!to.breaker || !from.breaker) return
  const { of = 0 } = next.plan.batches[to.index]?.breaker ?? {}
  Object.assign(to.breaker, { ...from.breaker, outcomes: from.breaker.outcomes.slice(-of) })
}
