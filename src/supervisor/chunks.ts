/** What a thread is told of the items it is handed. */
import type { BatchWork, Chunk, ResultSource } from '../model/chunk.ts'
import type { ItemIndex } from '../model/ids.ts'
import type { Batch } from '../model/plan.ts'
import { itemFields, itemName } from '../model/plan.ts'
import type { Fields } from '../model/template.ts'
import type { Core } from './core.ts'

export function createChunk(core: Core, batch: Batch, items: readonly ItemIndex[]): Chunk {
  const fields = fieldsOf(batch, items)
  return {
    id: core.nextChunk(),
    batch: batchWork(core, batch, items),
    items,
    names: items.map((item) => itemName(batch, item - batch.first)),
    attempts: items.map((item) => core.state.items.attempts[item] ?? 1),
    ...(fields ? { fields } : {}),
  }
}

function fieldsOf(batch: Batch, items: readonly ItemIndex[]): readonly Fields[] | undefined {
  const { names } = batch
  if (names.kind !== 'product' && (names.kind !== 'list' || !names.table)) return undefined
  return items.map((item) => itemFields(batch, item - batch.first) ?? {})
}

function batchWork(core: Core, batch: Batch, items: readonly ItemIndex[]): BatchWork {
  const known = core.works.get(batch.index) ?? createWork(core, batch)
  core.works.set(batch.index, known)
  const special = items.flatMap((item) => {
    const one = batch.special[String(item - batch.first)]
    return one ? [[String(item), one] as const] : []
  })
  return special.length === 0 ? known : { ...known, special: Object.fromEntries(special) }
}

function createWork(core: Core, batch: Batch): BatchWork {
  return {
    index: batch.index,
    id: batch.id,
    work: batch.work,
    ...(batch.timeout === undefined ? {} : { timeout: batch.timeout }),
    ...(batch.outputs === undefined ? {} : { outputs: batch.outputs }),
    ...(batch.logLimit === undefined ? {} : { logLimit: batch.logLimit }),
    results: batch.needs.length === 0 ? [] : resultSources(core, batch),
    special: {},
  }
}

/** What the items may read: the durable values of every batch this one needs. */
function resultSources(core: Core, batch: Batch): ResultSource[] {
  const needed = batch.needs.flatMap(({ kind, index }) =>
    kind === 'batch' ? [core.plan.batches[index]] : core.plan.batches.filter(({ phase }) => phase === index),
  )
  return needed.flatMap((one) => (one ? [resultSource(core, one)] : []))
}

function resultSource({ journal }: Core, { id, voids }: Batch): ResultSource {
  return { batch: id, files: journal.valueFiles(id), end: journal.valuesEnd(id), ...(voids ? { voids } : {}) }
}
