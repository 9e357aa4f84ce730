/** Which batches may hand out items right now, and which never can. */
import type { BatchIndex } from '../model/ids.ts'
import type { Batch } from '../model/plan.ts'
import { isUnlisted } from '../model/plan.ts'
import type { Because } from '../model/reason.ts'
import type { WallTime } from '../model/units.ts'
import type { RunState } from '../run/state.ts'
import { batchState, ended, isComplete } from '../run/state.ts'
import { isShut } from './breaker.ts'
import { eligibility, firstOpenPhase } from './eligible.ts'

export interface Standing {
  /** Open batches, most urgent first. */
  readonly open: readonly BatchIndex[]
  /** Late batches that may start and whose items are to be listed for that. */
  readonly unlisted: readonly BatchIndex[]
  /** Batches whose needs can no longer be met: what is left of them is to be skipped. */
  readonly hopeless: readonly { readonly batch: BatchIndex; readonly because: Because }[]
}

/** Looks at every batch that has items left: for whenever durable counters, pauses, needs or breakers changed, not for every chunk. */
export function standing(state: RunState, ranked: readonly BatchIndex[], now: WallTime): Standing {
  const open: BatchIndex[] = []
  const unlisted: BatchIndex[] = []
  const firstOpen = firstOpenPhase(state)
  const hopeless: { batch: BatchIndex; because: Because }[] = []
  for (const index of ranked) {
    const facts = batchState(state, index)
    if (isComplete(facts.applied, facts.count)) continue
    const batch = state.plan.batches[index] as Batch
    const eligible = eligibility(state, batch, firstOpen)
    if (eligible.kind === 'impossible') hopeless.push({ batch: index, because: { kind: 'need', id: eligible.id } })
    else if (eligible.kind === 'blocked' || facts.pausedBy !== undefined || isShut(facts, now)) continue
    else if (!isUnlisted(batch)) open.push(index)
    // A retry of a listing is on disk before it begins.
    else if (ended(facts.durable) === 0) unlisted.push(index)
  }
  return { open, unlisted, hopeless }
}
