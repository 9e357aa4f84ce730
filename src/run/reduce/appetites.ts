/** Items that had too little memory, and what they were seen to take. */
import type { RunEvent } from '../../model/event.ts'
import type { ItemIndex } from '../../model/ids.ts'
import { bytes } from '../../model/units.ts'
import type { Appetite, RunState } from '../state.ts'

const UNKNOWN: Appetite = { failures: 0, peak: bytes(0) }

/** An attempt that is followed by another has failed. @returns whether memory was the reason */
export function learnFromFailure(
  state: RunState,
  { item, reason, peak = bytes(0) }: Extract<RunEvent, { type: 'item.retrying' }>,
): boolean {
  if (reason.kind !== 'memory') return false
  const known = state.appetites.get(item) ?? UNKNOWN
  const most = bytes(Math.max(known.peak, peak, reason.peak ?? 0))
  state.appetites.set(item, { failures: known.failures + 1, peak: most })
  return true
}

export function learnFromEviction(
  { appetites }: RunState,
  { items, peak }: Extract<RunEvent, { type: 'items.returned' }>,
): void {
  if (peak === undefined) return
  for (const item of items) {
    const known = appetites.get(item) ?? UNKNOWN
    appetites.set(item, { ...known, peak: bytes(Math.max(known.peak, peak)) })
  }
}

/** Items in a final state. */
export function forgetAppetites({ appetites }: RunState, items: readonly ItemIndex[]): void {
  if (appetites.size > 0) for (const item of items) appetites.delete(item)
}
