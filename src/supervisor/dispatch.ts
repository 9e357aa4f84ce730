/** Hands items to free threads, starts processes where more could be used, and skips what can never run. */
import type { BatchWork, Chunk, ResultSource } from '../model/chunk.ts'
import type { BatchIndex, ItemIndex } from '../model/ids.ts'
import type { Batch } from '../model/plan.ts'
import { itemName } from '../model/plan.ts'
import type { LiveThread } from '../run/live.ts'
import { holdChunk } from '../run/observe.ts'
import { openItems } from '../run/reduce/items.ts'
import { batchState, queued } from '../run/state.ts'
import type { Standing } from '../schedule/open-batches.ts'
import { standing } from '../schedule/open-batches.ts'
import type { Field, Pick } from '../schedule/pick.ts'
import { pick } from '../schedule/pick.ts'
import { endBatch } from './batches.ts'
import type { Core } from './core.ts'

/** Gives every free thread its next chunk. */
export function dispatch(core: Core): void {
  if (core.isOver || core.trouble || core.state.draining !== 'no') return
  const { open } = standingOf(core)
  if (open.length === 0) return
  const field: Field = {
    open,
    threads: activeThreads(core),
    cores: core.cores,
    busy: (batch) => busyThreads(core, batch),
    fits: () => true,
  }
  for (const thread of core.live.threads) {
    if (!isFree(thread)) continue
    const next = pick(core.state, thread, field)
    if (next?.kind === 'items') give(core, thread, next)
  }
  startProcesses(core, field)
}

/** Open batches; what turned out hopeless is skipped on the way, which may make more of them hopeless. */
function standingOf(core: Core): Standing {
  while (core.standing === undefined) {
    const found = standing(core.state, core.ranked)
    core.standing = found
    for (const { batch, because } of found.hopeless) {
      const count = openItems(core.state, batch).length
      if (count === 0) continue
      core.emit({ type: 'items.skipped', batch, items: 'rest', count, because })
      endBatch(core, batch)
    }
  }
  return core.standing
}

function isFree({ process, pause, isRetiring, held }: LiveThread): boolean {
  return process === 'ready' && pause === 'none' && !isRetiring && held === undefined
}

function activeThreads(core: Core): number {
  return core.live.threads.reduce((sum, { isRetiring }) => sum + (isRetiring ? 0 : 1), 0)
}

function busyThreads(core: Core, batch: BatchIndex): number {
  return core.live.threads.reduce((sum, { held }) => sum + (held?.chunk.batch.index === batch ? 1 : 0), 0)
}

function give(core: Core, thread: LiveThread, { batch: index, items }: Pick): void {
  const batch = core.batch(index)
  core.checkpoints.atEnd = 'none'
  if (batchState(core.state, index).startedAt === undefined) core.emit({ type: 'batch.started', batch: index })
  core.emit({ type: 'chunk.started', thread: thread.thread, batch: index, items })
  const chunk = createChunk(core, batch, items)
  holdChunk(thread, chunk, core.clock.now())
  core.thread(thread.thread).run(chunk)
}

function createChunk(core: Core, batch: Batch, items: readonly ItemIndex[]): Chunk {
  return {
    id: core.nextChunk(),
    batch: batchWork(core, batch, items),
    items,
    names: items.map((item) => itemName(batch, item - batch.first)),
    attempts: items.map((item) => core.state.items.attempts[item] ?? 1),
  }
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

/**
 * Processes cost 66 MB and 0.1 s each: as many are started as there are items nobody could take otherwise. Only threads that may take one
 * of them count; those that are free by now found nothing they may take.
 */
function startProcesses(core: Core, field: Field): void {
  if (!core.live.threads.some(({ process }) => process === 'none')) return
  const items = field.open.reduce((sum, index) => sum + queued(batchState(core.state, index)), 0)
  if (items === 0) return
  const able = core.live.threads.filter(
    ({ thread, process, pause, isRetiring }) =>
      (process === 'none' || process === 'starting') &&
      pause === 'none' &&
      !isRetiring &&
      pick(core.state, { thread, isFresh: true }, field)?.kind === 'items',
  )
  const absent = able.filter(({ process }) => process === 'none')
  const coming = able.length - absent.length
  for (const thread of absent.slice(0, Math.max(0, items - coming))) {
    thread.process = 'starting'
    core.thread(thread.thread).start()
  }
}
