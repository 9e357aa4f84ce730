/** Which item of one compiled plan is which of another: by batch and name. */
import type { BatchIndex, ItemIndex } from '../model/ids.ts'
import { itemIndex } from '../model/ids.ts'
import type { Batch, Plan } from '../model/plan.ts'
import { batchOf } from '../model/plan.ts'
import type { Match } from './match-items.ts'
import { matchItems, newPlace } from './match-items.ts'
import type { Differs } from './same-work.ts'
import { compareWork } from './same-work.ts'

/** One batch that is in both plans. */
export interface Route {
  readonly old: Batch
  readonly next: Batch
  readonly match: Match
  readonly differs: Differs
}

export class Routes {
  readonly #old: Plan
  readonly #next: Plan
  /** By index of the old batch; undefined where it is gone. */
  readonly #routes: readonly (Route | undefined)[]
  /** True: the same batches in the same order, with the same names. */
  readonly isSameLayout: boolean

  constructor(old: Plan, next: Plan) {
    this.#old = old
    this.#next = next
    const byId = new Map(next.batches.map((batch) => [batch.id, batch]))
    this.#routes = old.batches.map((batch) => {
      const to = byId.get(batch.id)
      return to && { old: batch, next: to, match: matchItems(batch, to), differs: compareWork(batch, to) }
    })
    this.isSameLayout = old.batches.length === next.batches.length && this.#routes.every(isUnmoved)
  }

  /** Whether every batch that is in both waits for the same as before. */
  get areSameNeeds(): boolean {
    return this.all.every(({ old, next }) => needsText(this.#old, old) === needsText(this.#next, next))
  }

  /** Batches that are in both. */
  get all(): readonly Route[] {
    return this.#routes.filter((route) => route !== undefined)
  }

  batch(old: BatchIndex): BatchIndex | undefined {
    return this.#routes[old]?.next.index
  }

  /** The old item in the new plan; undefined where it is gone. */
  item(old: ItemIndex): ItemIndex | undefined {
    if (this.isSameLayout) return old
    const route = this.#routes[batchOf(this.#old, old).index]
    if (!route) return undefined
    const place = newPlace(route.match, old - route.old.first)
    return place < 0 ? undefined : itemIndex(route.next.first + place)
  }

  /** Whether an item that is in both runs something else in the new plan. */
  isOther(old: ItemIndex): boolean {
    const route = this.#routes[batchOf(this.#old, old).index]
    if (!route) return false
    const { differs, match } = route
    if (typeof differs === 'boolean') return differs
    const place = old - route.old.first
    return differs(place, newPlace(match, place))
  }
}

function isUnmoved(route: Route | undefined): boolean {
  if (!route) return false
  const { old, next, match } = route
  const isWhole = match.kind === 'shift' && match.count === old.count && match.shift === 0
  return isWhole && old.index === next.index && old.first === next.first && old.count === next.count
}

/** What a batch needs, and for those that need its phase the phase, by their ids. */
function needsText(plan: Plan, { phase, needs }: Batch): string {
  const ids = needs.map(({ kind, index, when }) => [
    kind,
    kind === 'batch' ? plan.batches[index]?.id : plan.phases[index]?.id,
    when,
  ])
  const sorted = ids.map((one) => one.join(' ')).toSorted()
  return JSON.stringify([phase === undefined ? null : plan.phases[phase]?.id, sorted])
}
