/** How items come off a thread: what it says of each of them → facts. */
import type { ItemResult, ThreadReport } from '../model/chunk.ts'
import type { LogRef, RunEvent, ValueRef } from '../model/event.ts'
import type { ItemIndex } from '../model/ids.ts'
import type { Reason } from '../model/reason.ts'
import type { Bytes } from '../model/units.ts'
import { bytes, millis, wallTime } from '../model/units.ts'
import type { HeldChunk, LiveThread } from '../run/live.ts'
import { leavePlaces, leaveRange } from '../run/observe.ts'
import { judge } from '../schedule/judge.ts'
import { endBatch } from './batches.ts'
import { watchBreaker } from './breaking.ts'
import type { Core } from './core.ts'
import { killedByKernel } from './kernel-kills.ts'
import { ASK_FROM_MS, takePeak } from './peaks.ts'
import { endUndo } from './undone.ts'

export type Of<Type extends ThreadReport['type']> = Extract<ThreadReport, { type: Type }>
type Failure = Extract<ItemResult, { ok: false }>
type Success = Extract<ItemResult, { ok: true }>

/** Reports are idempotent: those of a chunk that is not held any more say nothing new. */
export function heldBy(thread: LiveThread, chunk: number | undefined): HeldChunk | undefined {
  return thread.held && thread.held.chunk.id === chunk ? thread.held : undefined
}

export function succeedRange(core: Core, thread: LiveThread, { chunk: id, from, ms }: Of<'items.succeeded'>): void {
  const held = heldBy(thread, id)
  if (!held) return
  const { items, attempts, batch } = held.chunk
  if (held.isUndo) return endUndo(core, { thread, held }, { ok: true, place: from, ms: millis(ms[0] ?? 0) })
  const to = from + ms.length
  const peak = takePeak(
    core,
    thread,
    ms.reduce((total, one) => total + one, 0),
  )
  const killed = ms.length === 1 && killedMeanwhile(core, { thread, held, peak }, ms[0] ?? 0)
  if (killed) {
    const result: Failure = { ok: false, place: from, ms: millis(ms[0] ?? 0), reason: killed, isRetryable: true }
    return endItems(core, thread, { type: 'items.ended', thread: thread.thread, chunk: id, results: [result] })
  }
  leaveRange(held, from, ms.length, core.clock.now())
  core.emit({
    type: 'items.succeeded',
    thread: thread.thread,
    batch: batch.index,
    items: items.slice(from, to),
    attempts: attempts.slice(from, to),
    ms,
    ...peaksOf(peak, ms.length),
  })
  watchBreaker(core, batch.index)
  endBatch(core, batch.index)
}

/** Who of them took it nobody knows: it is told once. */
function peaksOf(peak: Bytes | undefined, count: number): { readonly peaks?: readonly (Bytes | null)[] } {
  return peak === undefined
    ? {}
    : { peaks: Array.from({ length: count }, (_, place) => (place === count - 1 ? peak : null)) }
}

export function endItems(core: Core, thread: LiveThread, { chunk: id, results }: Of<'items.ended'>): void {
  const held = heldBy(thread, id)
  if (!held) return
  const peak = takePeak(core, thread, Math.max(...results.map(({ ms }) => ms)))
  if (held.isUndo) return endUndos(core, { thread, held, peak }, results)
  const fresh = new Set(
    leavePlaces(
      held,
      results.map(({ place }) => place),
      core.clock.now(),
    ),
  )
  const known = results
    .filter(({ place }) => fresh.has(place))
    .map((result) => (result.ok ? asKernelSays(core, { thread, held, peak }, result) : result))
  succeed(core, { thread, held, results: known.filter((result) => result.ok), peak })
  for (const result of known) if (!result.ok) fail(core, { thread, held, result, peak })
  watchBreaker(core, held.chunk.batch.index)
  endBatch(core, held.chunk.batch.index)
}

function endUndos(core: Core, ended: Ended, results: readonly ItemResult[]): void {
  for (const result of results) {
    endUndo(core, ended, result.ok ? result : { ...result, reason: reasonOf(core, ended, result.reason) })
  }
}

export interface Ended {
  readonly thread: LiveThread
  readonly held: HeldChunk
  /** Most memory the thread took meanwhile. */
  readonly peak?: Bytes | undefined
}

function succeed(core: Core, { thread, held, results, peak }: Ended & { results: readonly Success[] }): void {
  if (results.length === 0) return
  const { items, names, attempts, batch } = held.chunk
  const values: (ValueRef | null)[] = results.map(({ place, value }) =>
    value === undefined ? null : core.journal.value(batch.id, names[place] ?? '', value),
  )
  const logs: (LogRef | null)[] = results.map(({ log }) => log ?? null)
  const leftovers = results.map(({ leftover = 0 }) => leftover)
  core.emit({
    type: 'items.succeeded',
    thread: thread.thread,
    batch: batch.index,
    items: results.map(({ place }) => items[place] as ItemIndex),
    attempts: results.map(({ place }) => attempts[place] ?? 1),
    ms: results.map(({ ms }) => ms),
    ...(values.some((value) => value !== null) ? { values } : {}),
    ...(logs.some((log) => log !== null) ? { logs } : {}),
    ...(leftovers.some((count) => count > 0) ? { leftovers } : {}),
    ...peaksOf(peak, results.length),
  })
}

export function fail(core: Core, { thread, held, result, peak }: Ended & { result: Failure }): void {
  const { items, attempts, batch } = held.chunk
  const item = items[result.place] as ItemIndex
  const now = core.clock.now()
  if (result.retryAfter !== undefined) {
    const retryAt = wallTime(now + result.retryAfter)
    core.emit({
      type: 'items.returned',
      thread: thread.thread,
      batch: batch.index,
      items: [item],
      how: 'postponed',
      retryAt,
    })
    return
  }
  const { isRetryable, ms, log, leftover = 0 } = result
  const reason = completed(reasonOf(core, { thread, held, peak }, result.reason), held, peak)
  // A command takes its memory along.
  if (reason.kind === 'memory' && thread.kind === 'module') thread.spent = reason
  const verdict = judge(core.batch(batch.index), {
    run: core.state.run,
    item,
    reason,
    failures: core.state.items.failures[item] ?? 0,
    memoryFailures: core.state.appetites.get(item)?.failures ?? 0,
    isRetryable,
  })
  const attempt = attempts[result.place] ?? 1
  const ending = {
    item,
    thread: thread.thread,
    attempt,
    ms,
    reason,
    ...(log === undefined ? {} : { log }),
    ...(peak === undefined ? {} : { peak }),
    ...(leftover > 0 ? { leftover } : {}),
  }
  if (verdict.kind === 'retry') core.emit({ type: 'item.retrying', retryAt: wallTime(now + verdict.after), ...ending })
  else core.emit({ type: 'item.failed', ...ending, reason: verdict.reason })
}

/** Of a command that failed: the kernel ends a process of its tree, not its thread, and the command says of it what it likes. */
function reasonOf(core: Core, ended: Ended, told: Reason): Reason {
  const isItsOwn = told.kind === 'signal' || told.kind === 'exit' || told.kind === 'output'
  return isItsOwn && ended.thread.kind === 'command' ? (killedByKernel(core, ended) ?? told) : told
}

/** A pipeline succeeds although one of its commands was ended: what it made is not to be trusted. */
function asKernelSays(core: Core, ended: Ended, result: Success): ItemResult {
  const reason = killedMeanwhile(core, ended, result.ms)
  if (!reason) return result
  const { value: _, ...rest } = result
  return { ...rest, ok: false, reason, isRetryable: true }
}

/** Nobody fills a thread's share in less time than it takes to ask. */
function killedMeanwhile(core: Core, ended: Ended, ms: number): Reason | undefined {
  return ended.thread.kind === 'command' && ms >= ASK_FROM_MS ? killedByKernel(core, ended) : undefined
}

/** What the thread cannot know of an attempt that failed for memory. */
function completed(reason: Reason, { isAlone }: HeldChunk, peak: Bytes | undefined): Reason {
  if (reason.kind !== 'memory') return reason
  const { wasAlone = isAlone, ...rest } = reason
  const most = Math.max(reason.peak ?? 0, peak ?? 0)
  return { ...rest, ...(most > 0 ? { peak: bytes(most) } : {}), ...(wasAlone ? { wasAlone } : {}) }
}

interface Returned {
  readonly chunk: number | undefined
  readonly places: readonly number[]
  readonly how: Extract<RunEvent, { type: 'items.returned' }>['how']
}

export function returnPlaces(core: Core, thread: LiveThread, { chunk, places, how }: Returned): void {
  const held = heldBy(thread, chunk)
  if (!held) return
  const { peak } = held
  const items = leavePlaces(held, places, core.clock.now()).map((place) => held.chunk.items[place] as ItemIndex)
  // What was to be undone still is.
  if (items.length === 0 || held.isUndo) return
  const shown = how === 'evicted' && peak !== undefined ? { peak } : {}
  core.emit({ type: 'items.returned', thread: thread.thread, batch: held.chunk.batch.index, items, how, ...shown })
}
