/** How many items one message carries: enough to make its cost small, few enough to keep all threads busy. */
import type { Plan } from '../model/plan.ts'
import { DEFAULT_BATCH_SIZE } from '../model/plan.ts'
import type { BatchState } from '../run/state.ts'
import { queued } from '../run/state.ts'

/**
 * Work a chunk should hold. A message costs about 0.1 ms in the processes it passes, so 8 ms of work make that 1 %; longer chunks
 * would only delay pauses and the end of the run.
 */
const TARGET_MS = 8

export interface Crew {
  /** How many threads there are. */
  readonly threads: number
  /** How many of them can compute at the same time. */
  readonly cores: number
}

/** Items for the next chunk of a batch. Grows from one: nothing is known of a batch before its first item ended. */
export function chunkSize(plan: Plan, batch: BatchState, { threads, cores }: Crew): number {
  const most = plan.batchSize ?? DEFAULT_BATCH_SIZE
  const { recent } = batch.durations
  if (recent === undefined) return 1
  // Where threads share cores an item takes longer than its work.
  const target = TARGET_MS * Math.max(1, threads / cores)
  const byTime = recent <= target / most ? most : Math.max(1, Math.floor(target / recent))
  // Near the end of a batch everyone gets a share, so that no thread sits on the rest.
  const byShare = Math.ceil(queued(batch) / (2 * threads))
  return Math.max(1, Math.min(most, byTime, byShare))
}
