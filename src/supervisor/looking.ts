/** The moment of the run as the governor sees it. */
import type { Look, ThreadLook } from '../govern/look.ts'
import { expectedSize, likelySize } from '../govern/sizes.ts'
import type { ThreadAbilities } from '../model/chunk.ts'
import type { BatchIndex, ItemIndex } from '../model/ids.ts'
import type { Bytes } from '../model/units.ts'
import { bytes, wallTime } from '../model/units.ts'
import type { HeldChunk, LiveThread } from '../run/live.ts'
import { memoryOf, runningItem } from '../run/live.ts'
import { batchState } from '../run/state.ts'
import type { Core } from './core.ts'

/** Of a process that is not there yet, or about to go. */
const NOTHING: ThreadAbilities = { hold: false, reclaim: false }

/** Share of a batch's items that end before one has run long, and how many must have ended to know. */
const LONG_SHARE = 0.9
const LONG_FROM = 3

export function lookOf(core: Core): Look {
  const { budget, isSqueezed, isCritical } = core.governing.budget
  return {
    now: core.clock.now(),
    budget,
    isSqueezed,
    isCritical,
    threads: core.live.threads.map((thread) => threadLook(core, thread)),
  }
}

/** What an item of a batch is expected to take; of one that has shown it itself, by that. */
export function sizeOf(core: Core, batch: BatchIndex, own?: ItemIndex): Bytes {
  return expectedSize({
    learned: learnedSize(core, batch),
    prior: core.batch(batch).memory,
    own: own === undefined ? undefined : core.state.appetites.get(own),
    cap: core.live.cap,
    budget: core.plan.memory.budget,
    threads: core.wanted,
  })
}

/** Whether anybody knows what items of a batch take. */
export function isSizeKnown(core: Core, batch: BatchIndex): boolean {
  return core.batch(batch).memory !== undefined || learnedSize(core, batch) !== undefined
}

function learnedSize(core: Core, batch: BatchIndex): Bytes | undefined {
  return batchState(core.state, batch).sizes.usual
}

function threadLook(core: Core, thread: LiveThread): ThreadLook {
  const { held, pausedBy, frozenAt, pause } = thread
  const state = stateOf(thread)
  const isOn = state !== 'idle'
  const batch = held?.chunk.batch.index
  return {
    thread: thread.thread,
    used: memoryOf(thread),
    cap: held?.cap ?? core.live.cap,
    state,
    ...(state === 'standing' || state === 'stopping' ? { by: pausedBy } : {}),
    ...(state === 'standing' && frozenAt !== undefined ? { standsSince: frozenAt } : {}),
    isFrozen: thread.isFrozen || pause === 'freezing',
    began: isOn && held ? held.since : wallTime(0),
    expected: held && isOn ? expectedOf(core, thread, held) : bytes(0),
    ...(held && isOn ? likelyOf(core, thread, held) : {}),
    isKnown: batch === undefined || (held?.isUndo !== true && isSizeKnown(core, batch)),
    unstarted: held ? Math.max(0, held.left - 1) : 0,
    can: thread.process === 'ready' ? core.thread(thread.thread).abilities : NOTHING,
  }
}

/** What undoes an item is another program than what its batch is known by. */
function expectedOf(core: Core, thread: LiveThread, { isUndo, expected, chunk }: HeldChunk): Bytes {
  return isUndo ? expected : sizeOf(core, chunk.batch.index, runningItem(thread))
}

function stateOf({ held, pause, isLeaving }: LiveThread): ThreadLook['state'] {
  if (!held || held.left === 0) return 'idle'
  if (isLeaving || held.isEnding) return 'leaving'
  if (pause === 'paused') return 'standing'
  return pause === 'holding' || pause === 'freezing' ? 'stopping' : 'running'
}

/** Of an item that is known by itself, what is expected of it is the best guess. */
function likelyOf(core: Core, { used, frozenAt }: LiveThread, held: HeldChunk): { readonly likely?: Bytes } {
  const item = held.chunk.items[held.running]
  const { sizes, durations } = batchState(core.state, held.chunk.batch.index)
  if (held.isUndo || sizes.usual === undefined || (item !== undefined && core.state.appetites.has(item))) return {}
  const elapsed = (frozenAt ?? core.clock.now()) - held.since
  const mean = sizes.meanAbove(used) ?? used
  return { likely: likelySize({ used, mean, elapsed, long: durations.quantile(LONG_SHARE, LONG_FROM) }) }
}
