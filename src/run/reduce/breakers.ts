/** How attempts of batches with a breaker end: what opens it, and closes it again. */
import { assertNever } from '../../model/errors.ts'
import type { RunEvent } from '../../model/event.ts'
import type { BatchIndex, ItemIndex } from '../../model/ids.ts'
import type { Reason } from '../../model/reason.ts'
import type { BatchState, RunState } from '../state.ts'
import { batchState } from '../state.ts'

/** How an attempt ended, in `BreakerFacts.outcomes`. */
export const MARK = { good: '.', bad: 'x' } as const

/** Its items are on a thread: while the breaker is open that is the one that tries. */
export function noteStart({ breaker }: BatchState, [item]: readonly ItemIndex[]): void {
  if (breaker?.opened) breaker.trial = item
}

export function noteSuccesses(state: RunState, batch: BatchState, items: readonly ItemIndex[]): void {
  if (batch.breaker) note(state, batch, items, MARK.good)
}

export function noteFailure(state: RunState, batch: BatchState, item: ItemIndex, reason: Reason): void {
  if (!batch.breaker) return
  if (saysSomething(reason)) note(state, batch, [item], MARK.bad)
  else leaveTrial(batch, [item])
}

/** The attempt of the one that tried came to no end that counts: another may try. */
export function leaveTrial({ breaker }: BatchState, items: readonly ItemIndex[]): void {
  if (breaker?.trial !== undefined && items.includes(breaker.trial)) breaker.trial = undefined
}

/** What was under way when it opened says nothing new: only the one that tries does. */
function note(state: RunState, batch: BatchState, items: readonly ItemIndex[], mark: string): void {
  const { breaker } = batch
  const plan = state.plan.batches[batch.index]?.breaker
  if (!breaker || !plan) return
  if (!breaker.opened) {
    breaker.outcomes = (breaker.outcomes + mark.repeat(Math.min(items.length, plan.of))).slice(-plan.of)
  } else if (breaker.trial !== undefined && items.includes(breaker.trial)) {
    breaker.outcomes = mark
    breaker.trial = undefined
  }
}

/**
 * Whether a failure may tell of something that all items of a batch meet. Not what happened to the process from outside, what a person
 * did, and what the item was too big for.
 */
function saysSomething({ kind }: Reason): boolean {
  switch (kind) {
    case 'threw':
    case 'exit':
    case 'signal':
    case 'output':
    case 'timeout':
    case 'setup':
      return true
    case 'lost':
    case 'memory':
    case 'user':
      return false
    default:
      return assertNever(kind)
  }
}

export function openBreaker(state: RunState, event: Extract<RunEvent, { type: 'breaker.opened' }>): void {
  const { failures, of, until } = event
  reset(state, event.batch, { failures, of, until })
}

export function closeBreaker(state: RunState, batch: BatchIndex): void {
  reset(state, batch, undefined)
}

function reset(state: RunState, index: BatchIndex, opened: NonNullable<BatchState['breaker']>['opened']): void {
  const { breaker } = batchState(state, index)
  if (breaker) Object.assign(breaker, { outcomes: '', opened, trial: undefined })
}
