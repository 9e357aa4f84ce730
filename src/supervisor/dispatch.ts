/** Hands items to free threads, starts processes where more could be used, and skips what can never run. */
import type { BatchIndex } from '../model/ids.ts'
import type { LiveThread } from '../run/live.ts'
import { holdChunk } from '../run/observe.ts'
import { openItems } from '../run/reduce/items.ts'
import { batchState, queued } from '../run/state.ts'
import type { Standing } from '../schedule/open-batches.ts'
import { standing } from '../schedule/open-batches.ts'
import type { Field, Pick, Picked } from '../schedule/pick.ts'
import { pick } from '../schedule/pick.ts'
import { Admission } from './admission.ts'
import { endBatch } from './batches.ts'
import { createChunk } from './chunks.ts'
import type { Core } from './core.ts'
import { renew } from './forgetting.ts'
import { TIDY_ABOVE } from './governing-state.ts'
import { isSizeKnown, sizeOf } from './looking.ts'
import { ASK_FROM_MS, resetPeak } from './peaks.ts'

/** Garbage that is worth a collection before the next item. */
const GARBAGE = TIDY_ABOVE

/** Until the first look at an item of unknown size. */
const UNKNOWN_LOOK_MS = 50

/** Gives every free thread its next chunk, as far as there is memory for it. */
export function dispatch(core: Core): void {
  const { live } = core
  live.lacks = undefined
  live.holdsAbove = undefined
  if (core.isOver || core.trouble || core.state.draining !== 'no') return
  const { open } = standingOf(core)
  if (open.length === 0) return
  const crew = {
    open,
    threads: activeThreads(core),
    cores: core.cores,
    busy: (batch: BatchIndex) => busyThreads(core, batch),
  }
  const admission = new Admission(core)
  const fieldOf = (thread: LiveThread): Field => {
    return { ...crew, fits: (batch, own) => admission.fits(thread, batch, own) }
  }
  for (const thread of live.threads) {
    if (!isFree(thread)) continue
    const next = pick(core.state, thread, fieldOf(thread))
    if (!next) continue
    admission.note(next)
    take(core, thread, next)
  }
  startProcesses(core, open, (thread) => {
    const next = pick(core.state, { thread: thread.thread, isFresh: true }, fieldOf(thread))
    if (next?.kind === 'lacks') admission.note(next)
    return next?.kind === 'items'
  })
  admission.tell()
}

function take(core: Core, thread: LiveThread, next: Picked): void {
  const wish = next.kind === 'items' ? next.wantsFresh : next.kind === 'wantsFresh' ? next : undefined
  if (wish && !isFreshComing(core)) return renew(core, thread)
  if (next.kind === 'items') give(core, thread, next)
}

/** Some thread is about to have a process that has run nothing. */
function isFreshComing({ live }: Core): boolean {
  return live.threads.some(({ process }) => process === 'starting' || process === 'replacing')
}

/** Open batches; what turned out hopeless is skipped on the way, which may make more of them hopeless. */
function standingOf(core: Core): Standing {
  while (core.standing === undefined) {
    const found = standing(core.state, core.ranked, core.clock.now())
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
  // Where items are short it is not worth the asking.
  if (!isShort(core, index)) lookAgain(core, thread)
  // Only one that goes alone is known by itself.
  holdChunk(thread, chunk, core.clock.now(), {
    expected: sizeOf(core, index, items.length === 1 ? items[0] : undefined),
    cap: core.live.cap,
  })
  // What nobody knows yet is looked at before it can have taken too much.
  if (!isSizeKnown(core, index)) core.eye.lookWithin(UNKNOWN_LOOK_MS)
  const side = core.thread(thread.thread)
  if (isInTheWay(core, thread)) {
    core.governing.cleaning.add(thread.thread)
    side.reclaim()
  }
  side.run(chunk)
}

/**
 * Processes cost 66 MB and 0.1 s each: as many are started as there are items nobody could take otherwise. Only threads that may take one
 * of them count; those that are free by now found nothing they may take.
 */
function startProcesses(core: Core, open: Field['open'], mayTake: (thread: LiveThread) => boolean): void {
  if (!core.live.threads.some(({ process }) => process === 'none')) return
  const items = open.reduce((sum, index) => sum + queued(batchState(core.state, index)), 0)
  if (items === 0) return
  const able = core.live.threads.filter(
    (thread) =>
      (thread.process === 'none' || thread.process === 'starting') &&
      thread.pause === 'none' &&
      !thread.isRetiring &&
      mayTake(thread),
  )
  const absent = able.filter(({ process }) => process === 'none')
  const coming = able.length - absent.length
  for (const thread of absent.slice(0, Math.max(0, items - coming))) {
    thread.process = 'starting'
    core.thread(thread.thread).start()
  }
}

/** Since the last look it may have tidied up. */
function lookAgain(core: Core, thread: LiveThread): void {
  thread.used = core.eye.usedNow(thread.thread) ?? thread.used
  resetPeak(core, thread)
}

function isShort(core: Core, batch: BatchIndex): boolean {
  return (batchState(core.state, batch).durations.recent ?? Infinity) < ASK_FROM_MS
}

/**
 * What the item before left behind would count against the next, and might end it at the cap. What a collection did not free before is no
 * garbage: asking again for each item would only cost.
 */
function isInTheWay(core: Core, { thread, used, held, keeps }: LiveThread): boolean {
  if (used < keeps + GARBAGE || !held || !core.thread(thread).abilities.reclaim) return false
  return used + held.expected > core.live.cap
}
