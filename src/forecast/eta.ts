/**
 * When the run will be done, from what its items took so far. Pure; may import model, run and schedule; called by the supervisor for
 * every picture of the run.
 */
import type { Batch } from '../model/plan.ts'
import type { Millis } from '../model/units.ts'
import { millis } from '../model/units.ts'
import type { BatchState, RunState } from '../run/state.ts'
import { batchState, ended } from '../run/state.ts'

/** Fewer ended items say too little about the rest. */
const LEAST_ENDED = 5

/** Items this short are dominated by what handing them out costs: their rate says more than their time. */
const SHORT_MS = 5

/** How much of the p50 the p90 adds at least: items of one batch are never as alike as their first few. */
const DOUBT = 0.15

/** 90 of 100 of a normal distribution lie below the mean plus so many deviations. */
const Z90 = 1.28

export interface Eta {
  readonly p50: Millis
  readonly p90: Millis
}

/**
 * Time left; undefined while nobody could say.
 * @param threads how many threads may run items now
 * @param rate items ended a minute lately, where known
 */
export function eta(state: RunState, threads: number, rate: number | undefined): Eta | undefined {
  const counts = state.batches.reduce((sum, { durable }) => sum + ended(durable), 0)
  const left = state.plan.items - counts
  // What is not listed yet may take any time, and so may what waits behind an open breaker.
  if (state.batches.some(isOpenEnded)) return undefined
  if (left === 0 || threads === 0 || counts < LEAST_ENDED) return undefined
  const all = overall(state)
  if (all < SHORT_MS) return rate === undefined || rate <= 0 ? undefined : spread((left / rate) * 60_000, 0)
  let work = 0
  let variance = 0
  for (const batch of state.plan.batches) {
    const facts = batchState(state, batch.index)
    const items = facts.count - ended(facts.durable)
    work += items * itemTime(batch, facts.durations.mean(), all)
    variance += items * facts.durations.variance()
  }
  const busy = Math.min(threads, left)
  return spread(work / busy, Math.sqrt(variance) / busy)
}

function isOpenEnded({ count, durable, breaker }: BatchState): boolean {
  return durable.listing === 'due' || (breaker?.opened !== undefined && ended(durable) < count)
}

function spread(middle: number, deviation: number): Eta {
  return { p50: millis(middle), p90: millis(middle * (1 + DOUBT) + Z90 * deviation) }
}

/** What an item of a batch takes: measured, else as the plan estimates, else as the rest of the plan does. */
function itemTime({ estimate, count }: Batch, mean: Millis | undefined, all: number): number {
  if (mean !== undefined) return mean
  if (estimate === undefined) return all
  const middle = (estimate.low + estimate.high) / 2
  return estimate.of === 'item' ? middle : middle / Math.max(1, count)
}

function overall(state: RunState): number {
  let count = 0
  let total = 0
  for (const { durations } of state.batches) {
    count += durations.count
    total += durations.total
  }
  return count === 0 ? 0 : total / count
}
