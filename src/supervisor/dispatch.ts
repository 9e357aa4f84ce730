/** Hands items to free threads, starts processes where more could be used, and skips what can never run. */
import type { BatchIndex } from '../model/ids.ts'
import type { Bytes } from '../model/units.ts'
import type { LiveThread } from '../run/live.ts'
import { holdChunk } from '../run/observe.ts'
import { openItems } from '../run/reduce/items.ts'
import { batchState } from '../run/state.ts'
import type { Standing } from '../schedule/open-batches.ts'
import { standing } from '../schedule/open-batches.ts'
import type { Pick, Picked } from '../schedule/pick.ts'
import { endBatch } from './batches.ts'
import { createChunk } from './chunks.ts'
import type { Core } from './core.ts'
import { renew } from './forgetting.ts'
import { TIDY_ABOVE } from './governing-state.ts'
import { listLate } from './listing.ts'
import { isSizeKnown, sizeOf } from './looking.ts'
import type { Round } from './offers.ts'
import { beginRound, kindOf, offer, startProcesses, unserved } from './offers.ts'
import { ASK_FROM_MS, resetPeak } from './peaks.ts'
import { handOutUndos } from './undoing.ts'

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
  handOutUndos(core, isFree)
  const { open, unlisted } = standingOf(core)
  for (const batch of unlisted) listLate(core, batch)
  if (open.length === 0) return
  const round = beginRound(core, open)
  const misfits = live.threads.filter((thread) => isFree(thread) && !serve(round, thread))
  for (const thread of misfits) serveMisfit(round, thread)
  startProcesses(round)
  round.admission.tell()
}

/** @returns false: what is next needs a process of another kind, and somebody else may have one */
function serve(round: Round, thread: LiveThread): boolean {
  const next = offer(round, thread)
  if (next?.kind === 'items' && kindOf(round, next) !== thread.kind) return false
  accept(round, thread, next)
  return true
}

/** Its process is of the wrong kind for what is next. One that was made for a kind and has run nothing yet takes what there is of that. */
function serveMisfit(round: Round, thread: LiveThread): void {
  const own = offer(round, thread, thread.kind)
  const next = own?.kind === 'items' && thread.isFresh ? own : offer(round, thread)
  if (next?.kind !== 'items' || kindOf(round, next) === thread.kind) return accept(round, thread, next)
  if (unserved(round, kindOf(round, next)) > 0) renew(round.core, thread, kindOf(round, next))
  else accept(round, thread, own)
}

function accept({ core, admission }: Round, thread: LiveThread, next: Picked | undefined): void {
  if (!next) return
  admission.note(next)
  const wish = next.kind === 'items' ? next.wantsFresh : next.kind === 'wantsFresh' ? next : undefined
  if (wish && !isFreshComing(core)) renew(core, thread, 'module')
  else if (next.kind === 'items') give(core, thread, next)
}

/** Some thread is about to have a host that has run nothing, and may use it. */
function isFreshComing({ live }: Core): boolean {
  return live.threads.some(({ process, kind, pause, isRetiring }) => {
    return kind === 'module' && (process === 'starting' || process === 'replacing') && pause === 'none' && !isRetiring
  })
}

/** Open batches; what turned out hopeless is skipped on the way, which may make more of them hopeless. */
function standingOf(core: Core): Standing {
  while (core.standing === undefined) {
    const found = standing(core.state, core.ranked, core.clock.now())
    core.standing = found
    for (const { batch, because } of found.hopeless) {
      const count = openItems(core.state, batch).length
      if (count === 0 && batchState(core.state, batch).applied.listing !== 'due') continue
      core.emit({ type: 'items.skipped', batch, items: 'rest', count, because })
      endBatch(core, batch)
    }
  }
  return core.standing
}

function isFree({ process, pause, isRetiring, held }: LiveThread): boolean {
  return process === 'ready' && pause === 'none' && !isRetiring && held === undefined
}

function give(core: Core, thread: LiveThread, { batch: index, items }: Pick): void {
  const batch = core.batch(index)
  core.checkpoints.atEnd = 'none'
  if (batchState(core.state, index).startedAt === undefined) core.emit({ type: 'batch.started', batch: index })
  core.emit({ type: 'chunk.started', thread: thread.thread, batch: index, items })
  const chunk = createChunk(core, batch, items)
  // Only one that goes alone is known by itself.
  const expected = sizeOf(core, index, items.length === 1 ? items[0] : undefined)
  // Where items are short it is not worth the asking.
  if (!isShort(core, index)) lookAgain(core, thread, expected)
  holdChunk(thread, chunk, core.clock.now(), { expected, cap: core.live.cap })
  // What nobody knows yet is looked at before it can have taken too much.
  if (!isSizeKnown(core, index)) core.eye.lookWithin(UNKNOWN_LOOK_MS)
  const side = core.thread(thread.thread)
  if (isInTheWay(core, thread)) {
    core.governing.cleaning.add(thread.thread)
    side.reclaim()
  }
  side.run(chunk)
}

/** Since the last look it may have tidied up. A command took along what it had, which only matters where that was much. */
function lookAgain(core: Core, thread: LiveThread, expected: Bytes): void {
  if (thread.kind === 'command' && thread.used <= expected) return
  thread.used = core.eye.usedNow(thread.thread) ?? thread.used
  if (thread.kind === 'module') resetPeak(core, thread)
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
