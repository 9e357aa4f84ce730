/** What a failed attempt means for its item: another try, or the end. */
import type { ItemIndex, RunId } from '../model/ids.ts'
import type { Batch } from '../model/plan.ts'
import type { Reason } from '../model/reason.ts'
import { MAX_MEMORY_FAILURES } from '../model/reason.ts'
import { sizeText } from '../model/size-text.ts'
import type { Bytes, Millis } from '../model/units.ts'
import { millis } from '../model/units.ts'
import { backoff } from './backoff.ts'

export type Verdict =
  | { readonly kind: 'retry'; readonly after: Millis }
  /** `reason`: what the item failed for in the end. */
  | { readonly kind: 'fail'; readonly reason: Reason }

export interface FailedAttempt {
  readonly run: RunId
  readonly item: ItemIndex
  readonly reason: Reason
  /** How many tries failed before this one, those for memory apart. */
  readonly failures: number
  /** How many failed for memory before this one. */
  readonly memoryFailures: number
  /** False: the task said that trying again is of no use. Says nothing about memory. */
  readonly isRetryable: boolean
}

export function judge(batch: Batch, attempt: FailedAttempt): Verdict {
  const { run, item, reason, failures, isRetryable } = attempt
  if (reason.kind === 'memory') return judgeMemory(reason, attempt.memoryFailures)
  if (!isRetryable || isHopeless(batch, reason) || failures + 1 >= batch.retry.attempts) return { kind: 'fail', reason }
  return { kind: 'retry', after: backoff(batch.retry, failures + 1, { run, item }) }
}

/** Cannot be executed, and not found. */
const NEVER: ReadonlySet<number> = new Set([126, 127])

/** A code that the next try would bring as well. */
function isHopeless({ retry }: Batch, reason: Reason): boolean {
  if (reason.kind !== 'exit') return false
  const code = Number(reason.code)
  return NEVER.has(code) || retry.never?.includes(code) === true
}

type TooLittle = Extract<Reason, { kind: 'memory' }>

/** Tried again at once: it starts when there is memory for it, and waiting by the clock would only add to that. */
function judgeMemory(reason: TooLittle, failures: number): Verdict {
  const { peak, cap, wasAlone } = reason
  if (wasAlone && cap !== undefined) {
    const message = `needs more than the ${sizeText(cap)} of a thread: ${howMuch(cap, peak)} in a process of its own`
    return { kind: 'fail', reason: { ...reason, message } }
  }
  if (failures + 1 >= MAX_MEMORY_FAILURES) return { kind: 'fail', reason }
  return { kind: 'retry', after: millis(0) }
}

/** A heap meets its limit before the whole process meets the cap. */
function howMuch(cap: Bytes, peak: Bytes | undefined): string {
  if (peak === undefined || peak < cap) return 'its heap did not fit'
  return sizeText(peak) === sizeText(cap) ? 'it took all of it' : `it took ${sizeText(peak)}`
}
