/** A sound plan file → the compiled plan. Reports nothing: everything was checked before. */
import { dirname, resolve } from 'node:path'
import { batchIndex, itemIndex, threadNumber } from '../model/ids.ts'
import type { Batch, Estimate, Need, Plan, SpecialItem } from '../model/plan.ts'
import { DEFAULT_CHECKPOINT } from '../model/plan.ts'
import { millis } from '../model/units.ts'
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
  const folder = dirname(path)
  const threads = [...new Set(batch.threads)].filter((thread) => thread <= sizing.threads).map(threadNumber)
  const phase = indices.phases.get(batch.phase ?? '')
  const category = indices.categories.get(batch.category ?? '')
  const timeout = overrides.timeout ?? batch.timeout ?? plan.timeout
  const retry = retryOf(batch.retry, plan.retry)
  const estimate = estimateOf(batch)
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
    special: specialOf(batch, folder),
    work: {
      kind: 'module',
      task: resolve(folder, batch.task),
      with: batch.with ?? null,
      cwd: resolve(folder, batch.cwd ?? '.'),
      env: batch.env ?? {},
    },
    needs: needsOf(batch, indices),
    retry: overrides.retries === undefined ? retry : { ...retry, attempts: overrides.retries },
    ...(timeout === undefined ? {} : { timeout }),
    ...(estimate === undefined ? {} : { estimate }),
    ...(batch.memory === undefined ? {} : { memory: batch.memory }),
  }
}

function specialOf({ items }: BatchInput, folder: string): Batch['special'] {
  if (!Array.isArray(items)) return {}
  const special: Record<string, SpecialItem> = {}
  for (const [place, item] of items.entries()) {
    if (typeof item === 'string') continue
    const { task, estimate } = item
    special[place] = {
      ...(task === undefined ? {} : { task: resolve(folder, task) }),
      ...(item.with === undefined ? {} : { with: item.with }),
      ...(estimate === undefined ? {} : { estimate }),
    }
  }
  return special
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
