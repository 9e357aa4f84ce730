/** When a batch whose items fail one after another stands still for a while, and when it goes on. */
import type { RunEvent } from '../model/event.ts'
import type { Batch } from '../model/plan.ts'
import type { WallTime } from '../model/units.ts'
import { wallTime } from '../model/units.ts'
import { MARK } from '../run/reduce/breakers.ts'
import type { BatchState } from '../run/state.ts'
import { isComplete } from '../run/state.ts'

type BreakerEvent = Extract<RunEvent, { type: `breaker.${string}` }>

/** What is to be said once an attempt of the batch has ended. Goes by facts alone: said late it is the same. */
export function judgeBreaker({ index, breaker }: Batch, facts: BatchState, now: WallTime): BreakerEvent | undefined {
  // Where nothing is left to start there is nothing to hold back.
  if (!breaker || !facts.breaker || isComplete(facts.applied, facts.count)) return undefined
  const { outcomes, opened } = facts.breaker
  if (outcomes.length < (opened ? 1 : breaker.of)) return undefined
  const failures = outcomes.split(MARK.bad).length - 1
  if (failures > 0 && failures / outcomes.length >= breaker.failures) {
    const until = wallTime(now + breaker.wait)
    return { type: 'breaker.opened', batch: index, failures, of: outcomes.length, until }
  }
  return opened && { type: 'breaker.closed', batch: index }
}

/** Whether nothing of the batch may start yet. */
export function isShut({ breaker }: BatchState, now: WallTime): boolean {
  return breaker?.opened !== undefined && now < breaker.opened.until
}

/** How many items may start, once any may: behind an open breaker one tries alone, and the rest waits for what comes of it. */
export function mostAtOnce({ breaker }: BatchState): number {
  if (!breaker?.opened) return Number.POSITIVE_INFINITY
  return breaker.trial === undefined ? 1 : 0
}

/** When the next of these batches may start again. */
export function nextTrial(batches: readonly BatchState[], now: WallTime): WallTime | undefined {
  const times = batches.flatMap(({ breaker }) =>
    breaker?.opened && breaker.opened.until > now ? [breaker.opened.until] : [],
  )
  return times.length === 0 ? undefined : wallTime(Math.min(...times))
}
