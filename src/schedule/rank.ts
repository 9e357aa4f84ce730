/**
 * Which items go to which thread next. Pure: no clock, no random, no I/O; may import model and run; called by the supervisor, and by the
 * forecast with estimated times. This file: the order of batches, most urgent first.
 */

import type { BatchIndex } from '../model/ids.ts'
import type { Batch, Plan } from '../model/plan.ts'
import { LEVELS } from '../model/plan.ts'

/** Batches in the order of work: phase, then category of `priority:`, then level, then place in the plan. */
export function rankBatches(plan: Plan): readonly BatchIndex[] {
  return plan.batches.toSorted((left, right) => compare(key(left), key(right))).map(({ index }) => index)
}

/** What a batch leaves out ranks behind what others say. */
function key({ phase, category, level, index }: Batch): readonly number[] {
  return [phase ?? Number.MAX_SAFE_INTEGER, category ?? Number.MAX_SAFE_INTEGER, LEVELS.indexOf(level), index]
}

function compare(left: readonly number[], right: readonly number[]): number {
  for (let place = 0; place < left.length; place += 1) {
    const difference = (left[place] ?? 0) - (right[place] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
