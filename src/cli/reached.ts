/** How far a run had got that nobody works on any more: while it is interrupted only its journal knows. */
import type { Millis, WallTime } from '../model/units.ts'
import { millis } from '../model/units.ts'
import { loadReplica } from './replica.ts'
import type { KnownRun } from './runs.ts'
import { openRun } from './session.ts'

export interface Reached {
  /** Of its last event. */
  readonly at: WallTime
  /** Until then. */
  readonly elapsed: Millis
  readonly counts: Readonly<Record<'succeeded' | 'failed' | 'skipped', number>>
}

/** @throws BatchtopError where its folder cannot be read */
export async function reachedBy(known: KnownRun): Promise<Reached> {
  const { state } = await loadReplica(await openRun(known))
  const counts = { succeeded: 0, failed: 0, skipped: 0 }
  for (const { durable } of state.batches) {
    counts.succeeded += durable.succeeded
    counts.failed += durable.failed
    counts.skipped += durable.skipped
  }
  return { at: state.lastAt, elapsed: millis(Math.max(0, state.lastAt - state.startedAt)), counts }
}
