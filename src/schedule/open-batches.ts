/** Which batches may hand out items right now, and which never can. */
import type { BatchIndex } from '../model/ids.ts'
import type { Batch } from '../model/plan.ts'
import type { Because } from '../model/reason.ts'
import type { WallTime } from '../model/units.ts'
import type { RunState } from '../run/state.ts'
import { batchState, ended } from '../run/state.ts'
import { isShut } from './breaker.ts'
import { eligibility, firstOpenPhase } from './eligible.ts'

export interface Standing {
  /** Open batches, most urgent first. */
  readonly open: readonly BatchIndex[]
  /** Batches whose needs can no longer be met: what is left of them is to be skipped. */
  readonly hopeless: readonly { readonly batch: BatchIndex; readonly because: Because }[]
}

/** Looks at every batch that has items left: for whenever durable counters, pauses, needs or breakers changed, not for every chunk. */
export function standing(state: RunState, ranked: readonly BatchIndex[], now: WallTime): Standing {
  const open: BatchIndex[] = []
  const firstOpen = firstOpenPhase(state)
  const hopeless: { batch: BatchIndex; because: Because }[] = []
  for (const index of ranked) {
    const facts = batchState(state, index)
    if (ended(facts.applied) === facts.count) continue
    const eligible = eligibility(state, state.plan.batches[index] as Batch, firstOpen)
    if (eligible.kind === 'impossible') hopeless.push({ batch: index, because: { kind: 'need', id: eligible.id } })
    else if (eligible.kind === 'open' && facts.pausedBy === undefined && !isShut(facts, now)) open.push(index)
  }
  return { open, hopeless }
}
