/** What failed for good is undone where its batch says how: one item of a batch at a time, the newest failure first, before other work. */
import type { BatchWork, Chunk } from '../model/chunk.ts'
import type { ItemIndex } from '../model/ids.ts'
import type { Batch, CommandWork } from '../model/plan.ts'
import { bytes } from '../model/units.ts'
import type { LiveThread } from '../run/live.ts'
import { holdChunk } from '../run/observe.ts'
import { batchState } from '../run/state.ts'
import { isShut } from '../schedule/breaker.ts'
import { createChunk } from './chunks.ts'
import type { Core } from './core.ts'
import { renew } from './forgetting.ts'

/** Until the first look at what it takes of memory: nobody knows. */
const LOOK_MS = 50

type UndoBatch = Batch & { readonly undo: CommandWork }

/** @param isFree whether a thread runs nothing; one of another kind gets a new process where there is none for what is due */
export function handOutUndos(core: Core, isFree: (thread: LiveThread) => boolean): void {
  const due = core.undos.map((index) => core.batch(index) as UndoBatch).filter((batch) => isDue(core, batch))
  if (due.length === 0) return
  const free = core.live.threads.filter(isFree)
  const lanes = free.filter(({ kind }) => kind === 'command')
  for (const [place, thread] of lanes.slice(0, due.length).entries()) run(core, thread, due[place] as UndoBatch)
  makeRoom(core, free, due.length - lanes.length)
}

/** Also what undoes counts among those of a batch that run, and waits for a batch that stands still. */
function isDue(core: Core, { index, parallel = Infinity }: Batch): boolean {
  const facts = batchState(core.state, index)
  if (facts.toUndo.length === 0 || facts.pausedBy !== undefined || isShut(facts, core.clock.now())) return false
  const holders = core.live.threads.filter(({ held }) => held?.chunk.batch.index === index)
  return holders.length < parallel && !holders.some(({ held }) => held?.isUndo)
}

/** So many more shells: of threads without a process first, which nothing else waits for. */
function makeRoom(core: Core, free: readonly LiveThread[], wanted: number): void {
  const able = core.live.threads.filter(({ pause, isRetiring }) => pause === 'none' && !isRetiring)
  const absent = able.filter(({ process }) => process === 'none')
  const others = free.filter(({ kind }) => kind !== 'command')
  const missing = Math.max(0, wanted - able.filter(isComing).length)
  for (const thread of [...absent, ...others].slice(0, missing)) {
    if (thread.process === 'none') start(core, thread)
    else renew(core, thread, 'command')
  }
}

function isComing({ process, kind }: LiveThread): boolean {
  return kind === 'command' && (process === 'starting' || process === 'replacing')
}

function start(core: Core, thread: LiveThread): void {
  thread.process = 'starting'
  thread.kind = 'command'
  core.thread(thread.thread).start('command')
}

function run(core: Core, thread: LiveThread, batch: UndoBatch): void {
  const item = batchState(core.state, batch.index).toUndo.at(-1) as ItemIndex
  const chunk = chunkOf(core, batch, item)
  holdChunk(thread, chunk, core.clock.now(), { expected: bytes(0), cap: core.live.cap, isUndo: true })
  core.eye.lookWithin(LOOK_MS)
  core.thread(thread.thread).run(chunk)
}

/** The item as its last attempt had it, but for what it runs and what it should make. */
function chunkOf(core: Core, batch: UndoBatch, item: ItemIndex): Chunk {
  const chunk = createChunk(core, batch, [item])
  const { outputs: _made, ...work } = chunk.batch
  return { ...chunk, batch: { ...work, work: batch.undo, special: {} } satisfies BatchWork }
}

/** Items whose undo runs at this moment. */
export function itemsBeingUndone({ live }: Core): ReadonlySet<ItemIndex> {
  return new Set(live.threads.flatMap(({ held }) => (held?.isUndo && held.left > 0 ? held.chunk.items : [])))
}
