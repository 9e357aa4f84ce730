/** What a failed attempt means for its item: another try, or the end. */
import type { ItemIndex, RunId } from '../model/ids.ts'
import type { Batch } from '../model/plan.ts'
import type { Millis } from '../model/units.ts'
import { backoff } from './backoff.ts'

export type Verdict = { readonly kind: 'retry'; readonly after: Millis } | { readonly kind: 'fail' }

export interface FailedAttempt {
  readonly run: RunId
  readonly item: ItemIndex
  /** How many tries failed before this one. */
  readonly failures: number
  /** False: the task said that trying again is of no use. */
  readonly isRetryable: boolean
}

export function judge(batch: Batch, { run, item, failures, isRetryable }: FailedAttempt): Verdict {
  if (!isRetryable || failures + 1 >= batch.retry.attempts) return { kind: 'fail' }
  return { kind: 'retry', after: backoff(batch.retry, failures + 1, { run, item }) }
}
