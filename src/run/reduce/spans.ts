/** Which batch ran on which thread when: what the timeline draws. */
import type { BatchIndex, ThreadNumber } from '../../model/ids.ts'
import type { WallTime } from '../../model/units.ts'
import type { RunState } from '../state.ts'
import { threadFacts } from '../state.ts'

/** Stretches of one batch on one thread that are closer than this are drawn as one. */
const GAP_MS = 1000

/** More are never kept: a timeline that long shows no single stretch of its oldest part. */
const MOST_SPANS = 2000

/** A thread was handed `items` of a batch. */
export function openSpan(state: RunState, thread: ThreadNumber, batch: BatchIndex, items: number, at: WallTime): void {
  const facts = threadFacts(state, thread)
  facts.handed += items
  const last = facts.span
  if (last && last.batch === batch && (last.to === undefined || at - last.to < GAP_MS)) {
    last.to = undefined
    return
  }
  if (last && last.to === undefined) last.to = at
  facts.span = { thread, batch, from: at, to: undefined }
  state.spans.push(facts.span)
  if (state.spans.length > MOST_SPANS) state.spans.splice(0, MOST_SPANS / 2)
}

/** So many items are off the thread again; with the last one its stretch ends, unless the next chunk follows at once. */
export function leaveThread(state: RunState, thread: ThreadNumber, items: number, at: WallTime): void {
  const facts = threadFacts(state, thread)
  // An item that a recovery calls lost fails on a thread that held nothing.
  facts.handed = Math.max(0, facts.handed - items)
  if (facts.handed <= 0 && facts.span && facts.span.to === undefined) facts.span.to = at
}
