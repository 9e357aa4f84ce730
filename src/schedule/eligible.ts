/** Whether a batch may start: its phase and its needs, by durable counters only. */
import { assertNever } from '../model/errors.ts'
import type { BatchIndex } from '../model/ids.ts'
import type { Batch, Need } from '../model/plan.ts'
import type { BatchState, RunState, Tally } from '../run/state.ts'
import { batchState, isComplete } from '../run/state.ts'

export type Eligibility =
  | { readonly kind: 'open' }
  /** Ids of batches and phases it waits for. */
  | { readonly kind: 'blocked'; readonly by: readonly string[] }
  /** This batch or phase can no longer give what is needed. */
  | { readonly kind: 'impossible'; readonly id: string }

const OPEN: Eligibility = { kind: 'open' }

/** @param firstOpen what `firstOpenPhase` says; given where many batches are asked about at once */
export function eligibility(state: RunState, batch: Batch, firstOpen = firstOpenPhase(state)): Eligibility {
  const by: string[] = []
  for (const need of batch.needs) {
    const standing = stand(state, need)
    if (standing === 'impossible') return { kind: 'impossible', id: idOf(state, need) }
    if (standing === 'open') by.push(idOf(state, need))
  }
  const phase = phaseBefore(state, batch, firstOpen)
  if (phase !== undefined) by.push(phase)
  return by.length === 0 ? OPEN : { kind: 'blocked', by }
}

/** What each batch waits for, as ids: empty where it may run or never can. For everything that is shown of one moment. */
export function blockers(state: RunState): (batch: BatchIndex) => readonly string[] {
  const first = firstOpenPhase(state)
  return (index) => {
    const found = eligibility(state, state.plan.batches[index] as Batch, first)
    return found.kind === 'blocked' ? found.by : []
  }
}

/** The first phase before the batch's own that still has items to go, where phases are ordered. */
function phaseBefore({ plan }: RunState, { phase }: Batch, firstOpen: number): string | undefined {
  if (!plan.isOrdered || phase === undefined) return undefined
  return firstOpen < phase ? plan.phases[firstOpen]?.id : undefined
}

/** Index of the first phase with items in no final state or still to be undone; the number of phases where there is none. */
export function firstOpenPhase(state: RunState): number {
  let first = state.plan.phases.length
  for (const batch of state.plan.batches) {
    if (batch.phase !== undefined && batch.phase < first && !isEnded(batchState(state, batch.index)))
      first = batch.phase
  }
  return first
}

function isEnded({ durable, count, toUndoDurably }: BatchState): boolean {
  return isComplete(durable, count) && toUndoDurably.size === 0
}

/** Durably succeeded or skipped by a person: both count as done for whoever needs it. */
function isDone({ durable, count }: BatchState): boolean {
  return durable.listing === 'known' && durable.succeeded + durable.skippedByUser === count
}

/** A failure counts once it is on disk, and no more as soon as a person takes it back: else it would undo what the retry un-skips. */
function canBeDone({ applied, durable }: BatchState): boolean {
  return Math.min(lost(applied), lost(durable)) === 0
}

/** A late batch that can never be listed is as lost as an item. */
function lost({ failed, skipped, skippedByUser, listing }: Tally): number {
  return failed + skipped - skippedByUser + (listing === 'skipped' ? 1 : 0)
}

function stand(state: RunState, need: Need): 'met' | 'open' | 'impossible' {
  const batches = batchesOf(state, need)
  switch (need.when) {
    case 'ended':
      return batches.every(isEnded) ? 'met' : 'open'
    case 'succeeded':
      if (batches.every(isDone)) return 'met'
      return batches.every(canBeDone) ? 'open' : 'impossible'
    default:
      return assertNever(need.when)
  }
}

function batchesOf(state: RunState, need: Need): readonly BatchState[] {
  if (need.kind === 'batch') return state.batches.slice(need.index, need.index + 1)
  return state.plan.batches.filter(({ phase }) => phase === need.index).map(({ index }) => batchState(state, index))
}

function idOf({ plan }: RunState, need: Need): string {
  return (need.kind === 'batch' ? plan.batches[need.index]?.id : plan.phases[need.index]?.id) ?? ''
}
