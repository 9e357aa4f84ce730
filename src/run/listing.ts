/** What a plan becomes as its late batches are listed: their items stand behind all others, so nobody's number changes. Pure. */
import type { RunEvent } from '../model/event.ts'
import type { BatchIndex, ItemIndex } from '../model/ids.ts'
import { itemIndex } from '../model/ids.ts'
import type { Batch, ItemNames, LateItems, Plan } from '../model/plan.ts'
import { isUnlisted, numberCount } from '../model/plan.ts'

type ListedEvent = Extract<RunEvent, { type: 'batch.listed' }>

/** What is known of the items of a late batch. */
export interface Listing {
  readonly batch: BatchIndex
  readonly first: ItemIndex
  readonly count: number
  readonly names: ItemNames
  readonly isListed: boolean
}

/** What a run has found out about its plan. */
export interface Listings {
  /** As in `Plan`. */
  readonly items: number
  readonly numbers: number
  readonly all: readonly Listing[]
}

/** Undefined: nothing beyond the plan file. */
export function listingsOf(plan: Plan): Listings | undefined {
  if (!plan.hasLate) return undefined
  const all = plan.batches.flatMap(({ index, first, count, names, late }): Listing[] =>
    late && (late.isListed || count > 0) ? [{ batch: index, first, count, names, isListed: late.isListed }] : [],
  )
  const numbers = numberCount(plan)
  return all.length === 0 && numbers === plan.items ? undefined : { items: plan.items, numbers, all }
}

/** The plan as it was compiled, with what a run found out about it. @throws Error where that is about another plan */
export function withListings(plan: Plan, listings: Listings | undefined): Plan {
  if (!listings) return plan
  const batches = plan.batches.slice()
  for (const { batch: index, isListed, ...found } of listings.all) {
    const batch = batches[index]
    if (!batch?.late) throw new Error(`Batch ${index} of plan ${plan.name} has no late items`)
    batches[index] = { ...batch, ...found, late: { ...batch.late, isListed } }
  }
  return sized({ ...plan, batches }, listings)
}

/** The plan after an event. One that failed again leaves what stands for it. */
export function withListed(plan: Plan, { batch: index, names, count, isFailed }: ListedEvent): Plan {
  const batch = plan.batches[index]
  if (!batch?.late) throw new Error(`Batch ${index} of plan ${plan.name} has no late items`)
  if (isFailed && batch.count > 0) return plan
  const first = numberCount(plan)
  const listed = { ...batch, first: itemIndex(first), count, names, late: { ...batch.late, isListed: !isFailed } }
  const items = plan.items - batch.count + count
  return sized({ ...plan, batches: plan.batches.with(index, listed) }, { items, numbers: first + count })
}

/** The plan that item numbers of later events belong to. @param plans those that the run had, by version - 1 */
export function planAfter(plan: Plan, event: RunEvent, plans: readonly Plan[]): Plan {
  if (event.type === 'batch.listed') return withListed(plan, event)
  const next = event.type === 'run.recovered' ? plans[event.planVersion - 1] : undefined
  return next && event.type === 'run.recovered' ? carryListings(next, plan, event.changed) : plan
}

function sized(plan: Plan, { items, numbers }: Pick<Listings, 'items' | 'numbers'>): Plan {
  return numbers === items ? { ...plan, items } : { ...plan, items, numbers }
}

/**
 * Another compiled plan of the same run, with what the run knows of late batches: by id, behind all other items, with the distances they
 * had. One whose items come from elsewhere now is listed anew, unless what its items did is to be kept.
 */
export function carryListings(next: Plan, old: Plan, changed: 'rerun' | 'keep'): Plan {
  if (!next.hasLate) return next
  const byId = new Map(old.batches.map((batch) => [batch.id, batch]))
  const moved = next.items - itemsOnTime(old)
  let behind = numberCount(old) + moved
  const all = next.batches.flatMap(({ index, id, late }): Listing[] => {
    const was = byId.get(id)
    if (!late || !was || !isKept(was, late, changed)) return []
    const { count, names } = was
    const first = was.late ? was.first + moved : behind
    if (!was.late) behind += count
    return [{ batch: index, first: itemIndex(first), count, names, isListed: !isUnlisted(was) }]
  })
  const items = all.reduce((sum, { count }) => sum + count, next.items)
  const numbers = all.length === 0 ? next.items : behind
  return withListings(next, { items, numbers, all })
}

/** Items of batches that are not late. */
function itemsOnTime({ batches }: Plan): number {
  return batches.reduce((sum, { count, late }) => sum + (late ? 0 : count), 0)
}

function isKept(was: Batch, late: LateItems, changed: 'rerun' | 'keep'): boolean {
  const isKnown = was.late ? was.late.isListed || was.count > 0 : true
  return isKnown && (changed === 'keep' || isSameSource(was.late, late))
}

/** Whether items come from the same place. Values of variables may be secrets of the day: only which there are counts. */
export function isSameSource(old: LateItems | undefined, next: LateItems | undefined): boolean {
  return sourceText(old) === sourceText(next)
}

function sourceText(late: LateItems | undefined): string {
  if (!late) return ''
  const { isListed: _, ...source } = late
  return JSON.stringify('env' in source ? { ...source, env: Object.keys(source.env).toSorted() } : source)
}
