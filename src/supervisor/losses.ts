/** A process that died: what becomes of what it ran, and what is forgotten with it. */
import type { ItemIndex } from '../model/ids.ts'
import type { Reason } from '../model/reason.ts'
import { MAX_LOSSES } from '../model/reason.ts'
import { bytes, millis } from '../model/units.ts'
import type { LiveThread } from '../run/live.ts'
import { leavePlaces } from '../run/observe.ts'
import { endBatch } from './batches.ts'
import { watchBreaker } from './breaking.ts'
import type { Core } from './core.ts'
import type { Ended, Of } from './ended-items.ts'
import { fail, heldBy, returnPlaces } from './ended-items.ts'
import { processGone } from './forgetting.ts'
import { askKernel } from './kernel-kills.ts'
import { goneOn, pausedNow } from './pausing.ts'
import { retire } from './retiring.ts'
import { endUndo } from './undone.ts'

/** The process died: the item that ran counts a loss, everything else of its chunk simply goes back. */
export function lose(
  core: Core,
  thread: LiveThread,
  { chunk, running, orphaned, reason: told }: Of<'thread.lost'>,
): void {
  const held = heldBy(thread, chunk)
  const peak = bytes(Math.max(thread.used, held?.peak ?? 0))
  const reason = askKernel(core, { thread, held, peak }, told)
  if (held && running !== undefined) loseItem(core, { thread, held, place: running }, reason)
  returnPlaces(core, thread, { chunk, places: orphaned, how: 'orphaned' })
  if (held) {
    watchBreaker(core, held.chunk.batch.index)
    endBatch(core, held.chunk.batch.index)
  }
  core.emit({ type: 'thread.replaced', thread: thread.thread, reason })
  processGone(core, thread)
  if (thread.pausedBy === 'governor') goneOn(core, thread)
  else if (thread.pause !== 'none') pausedNow(core, thread)
  thread.process = 'replacing'
  if (thread.isRetiring) retire(core, thread)
}

function loseItem(
  core: Core,
  { thread, held, place }: Ended & { place: number },
  reason: Of<'thread.lost'>['reason'],
): void {
  const now = core.clock.now()
  // What it reported just before it froze may have been heard later.
  const ms = millis(Math.max(0, (thread.frozenAt ?? now) - held.since))
  if (held.isUndo) return endUndo(core, { thread, held }, { ok: false, place, ms, reason, isRetryable: false })
  if (reason.kind === 'memory') return loseToMemory(core, { thread, held, place }, reason)
  const item = held.chunk.items[place] as ItemIndex
  if ((core.state.losses.get(item) ?? 0) + 1 < MAX_LOSSES) {
    returnPlaces(core, thread, { chunk: held.chunk.id, places: [place], how: 'lost' })
    return
  }
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
