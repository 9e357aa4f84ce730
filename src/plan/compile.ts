/** A sound plan file → the compiled plan. Reports nothing: everything was checked before. */
import { dirname } from 'node:path'
import { batchIndex, itemIndex, threadNumber } from '../model/ids.ts'
import type { Batch, Estimate, Need, Plan } from '../model/plan.ts'
import { DEFAULT_CHECKPOINT } from '../model/plan.ts'
import { millis } from '../model/units.ts'
import { columnsOfListed } from './columns.ts'
import { restOf, specialOf, workOf } from './compile-work.ts'
import type { Named } from './name-items.ts'
import { needName } from './needs.ts'
import type { Overrides } from './options.ts'
import { retryOf } from './retry.ts'
import type { BatchInput, PlanInput } from './schema.ts'
import type { Chosen } from './select.ts'
import type { Sizing } from './sizing.ts'

export interface Sound {
  /** Real path of the plan file. */
  readonly path: string
  readonly name: string
  readonly plan: PlanInput
  readonly overrides: Overrides
  readonly sizing: Sizing
  readonly chosen: Chosen
  /** By place in `chosen.batches`. */
  readonly named: readonly Named[]
}

interface Indices {
  readonly batches: ReadonlyMap<string, number>
  readonly phases: ReadonlyMap<string, number>
  readonly categories: ReadonlyMap<string, number>
}

export function compile(sound: Sound): Plan {
  const { path, name, plan, overrides, sizing, chosen, named } = sound
  const categories = [...new Set([...(overrides.priority ?? []), ...(plan.priority ?? [])])]
  const indices: Indices = {
    batches: placesOf(chosen.batches.map(({ batch }) => batch.id)),
    phases: placesOf(chosen.phases.map(({ id }) => id)),
    categories: placesOf(categories),
  }
  let first = 0
  const batches = chosen.batches.map(({ batch }, index) => {
    const items = named[index] ?? { names: { kind: 'list', names: [] }, count: 0 }
    const compiled = compileBatch(sound, { batch, index, items, first, indices })
    first += items.count
    return compiled
  })
  const batchSize = overrides.batchSize ?? plan.batchSize
  return {
    name,
    path,
    folder: dirname(path),
    threads: sizing.threads,
    memory: sizing.memory,
    ...(batchSize === undefined ? {} : { batchSize }),
    checkpoint: overrides.checkpoint ?? plan.checkpoint ?? millis(DEFAULT_CHECKPOINT),
    categories,
    phases: chosen.phases.map(({ id, title = id }) => ({ id, title })),
    isOrdered: plan.phases?.ordered ?? true,
    batches,
    items: first,
    ...(named.some(({ late }) => late) ? { hasLate: true } : {}),
  }
}

interface Part {
  readonly batch: BatchInput
  readonly index: number
  readonly items: Named
  readonly first: number
  readonly indices: Indices
}

function compileBatch({ path, plan, overrides, sizing }: Sound, { batch, index, items, first, indices }: Part): Batch {
  const place = { folder: dirname(path), columns: columnsOfListed(batch.items, items.names) }
  const threads = [...new Set(batch.threads)].filter((thread) => thread <= sizing.threads).map(threadNumber)
  const phase = indices.phases.get(batch.phase ?? '')
  const category = indices.categories.get(batch.category ?? '')
  const timeout = overrides.timeout ?? batch.timeout ?? plan.timeout
  const retry = retryOf(batch.retry, plan.retry)
  const estimate = estimateOf(batch)
  const { logLimit = plan.logLimit } = batch
  return {
    index: batchIndex(index),
    id: batch.id,
    title: batch.title ?? batch.id,
    ...(phase === undefined ? {} : { phase }),
    ...(category === undefined ? {} : { category }),
    level: batch.level ?? 'medium',
    threads,
    isThreadsOnly: batch.threadsOnly === true && threads.length > 0,
    ...(batch.parallel === undefined ? {} : { parallel: batch.parallel }),
    first: itemIndex(first),
    count: items.count,
    names: items.names,
    ...(items.late ? { late: items.late } : {}),
    special: specialOf(batch, place),
    work: workOf(batch, place),
    needs: needsOf(batch, indices),
    retry: overrides.retries === undefined ? retry : { ...retry, attempts: overrides.retries },
    ...(timeout === undefined ? {} : { timeout }),
    ...(estimate === undefined ? {} : { estimate }),
    ...(batch.memory === undefined ? {} : { memory: batch.memory }),
    ...restOf(batch, place),
    ...(logLimit === undefined ? {} : { logLimit }),
  }
}

/** Each batch or phase once; `succeeded` before `ended` where both are asked. */
function needsOf({ needs = [] }: BatchInput, { batches, phases }: Indices): readonly Need[] {
  const found = new Map<string, Need>()
  for (const need of needs) {
    const { name, kind, when } = needName(need)
    const isBatch = kind === 'batch' || (kind === undefined && batches.has(name))
    const index = (isBatch ? batches : phases).get(name)
    // A phase without any batch is met from the start, and `--only` leaves it out.
    if (index === undefined) continue
    const key = `${isBatch} ${index}`
    if (found.get(key)?.when !== 'succeeded') found.set(key, { kind: isBatch ? 'batch' : 'phase', index, when })
  }
  return [...found.values()]
}

function estimateOf({ estimate }: BatchInput): Estimate | undefined {
  if (estimate === undefined) return undefined
  return 'item' in estimate ? { of: 'item', ...estimate.item } : { of: 'batch', ...estimate }
}

function placesOf(ids: readonly string[]): ReadonlyMap<string, number> {
  return new Map(ids.map((id, place) => [id, place]))
}
