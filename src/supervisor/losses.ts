/** A process that died: what becomes of what it ran, and what is forgotten with it. */
import type { ItemIndex } from '../model/ids.ts'
import type { Reason } from '../model/reason.ts'
import { MAX_LOSSES } from '../model/reason.ts'
import { sizeText } from '../model/size-text.ts'
import { bytes, millis } from '../model/units.ts'
import type { LiveThread } from '../run/live.ts'
import { leavePlaces } from '../run/observe.ts'
import { endBatch } from './batches.ts'
import type { Core } from './core.ts'
import type { Ended, Of } from './ended-items.ts'
import { fail, heldBy, returnPlaces } from './ended-items.ts'
import { processGone } from './forgetting.ts'
import { overCap } from './governing.ts'
import { goneOn, pausedNow } from './pausing.ts'
import { retire } from './retiring.ts'

/** From this share of the cap on it was the cap. */
const NEARLY = 0.9

/** The process died: the item that ran counts a loss, everything else of its chunk simply goes back. */
export function lose(
  core: Core,
  thread: LiveThread,
  { chunk, running, orphaned, reason: told }: Of<'thread.lost'>,
): void {
  const held = heldBy(thread, chunk)
  const limit = kernelsLimit(core, thread, told)
  const reason = limit ? endedByKernel(core, thread, limit) : told
  if (held && running !== undefined) loseItem(core, { thread, held, place: running }, reason)
  returnPlaces(core, thread, { chunk, places: orphaned, how: 'orphaned' })
  if (held) endBatch(core, held.chunk.batch.index)
  core.emit({ type: 'thread.replaced', thread: thread.thread, reason })
  processGone(core, thread)
  if (thread.pausedBy === 'governor') goneOn(core, thread)
  else if (thread.pause !== 'none') pausedNow(core, thread)
  thread.process = 'replacing'
  if (thread.isRetiring) retire(core, thread)
}

/** Only its own cap says what it needs: for what all of them took together the kernel ends the biggest, which may be one that fits. */
function endedByKernel(core: Core, thread: LiveThread, limit: Limit): Extract<Reason, { kind: 'memory' }> {
  const { cap, peak = bytes(0), ...reason } = overCap(core, thread)
  const message = `the kernel ended its process for memory at ${sizeText(peak)}`
  const isForCap = limit === 'cap' && cap !== undefined && peak >= cap * NEARLY
  return { ...reason, message, ...(peak > 0 ? { peak } : {}), ...(isForCap ? { cap } : {}) }
}

type Limit = 'cap' | 'budget'

/**
 * For which limit the kernel ended a process of the thread since we asked last, and this one as the kernel does. It may have been a child of
 * an item long ago: who crashes now does it for reasons of its own.
 */
function kernelsLimit({ capGroups, governing }: Core, { thread }: LiveThread, told: Reason): Limit | undefined {
  const { kills, hits } = governing.kernelCounts.get(thread) ?? { kills: 0, hits: 0 }
  const now = { kills: capGroups?.kills(thread) ?? 0, hits: capGroups?.hits(thread) ?? 0 }
  governing.kernelCounts.set(thread, now)
  if (now.kills <= kills || told.kind !== 'lost' || told.code !== 'SIGKILL') return undefined
  return now.hits > hits ? 'cap' : 'budget'
}

function loseItem(
  core: Core,
  { thread, held, place }: Ended & { place: number },
  reason: Of<'thread.lost'>['reason'],
): void {
  if (reason.kind === 'memory') return loseToMemory(core, { thread, held, place }, reason)
  const item = held.chunk.items[place] as ItemIndex
  if ((core.state.losses.get(item) ?? 0) + 1 < MAX_LOSSES) {
    returnPlaces(core, thread, { chunk: held.chunk.id, places: [place], how: 'lost' })
    return
  }
  const now = core.clock.now()
  // What it reported just before it froze may have been heard later.
  const ms = millis(Math.max(0, (thread.frozenAt ?? now) - held.since))
  if (leavePlaces(held, [place], now).length === 0) return
  const message = `its thread's process died ${MAX_LOSSES} times while it ran: ${reason.message}`
  const attempt = held.chunk.attempts[place] ?? 1
  core.emit({
    type: 'item.failed',
    item,
    thread: thread.thread,
    attempt,
    ms,
    reason: { ...reason, kind: 'lost', message },
  })
}

/** It took its process along: the attempt has failed. */
function loseToMemory(
  core: Core,
  { thread, held, place }: Ended & { place: number },
  reason: Extract<Reason, { kind: 'memory' }>,
): void {
  const now = core.clock.now()
  const ms = millis(Math.max(0, (thread.frozenAt ?? now) - held.since))
  const { peak } = held
  if (leavePlaces(held, [place], now).length === 0) return
  fail(core, { thread, held, peak, result: { ok: false, place, ms, reason, isRetryable: true } })
}
