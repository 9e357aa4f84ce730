/** How many items there are: late batches say it only when they may start. */
import type { BatchView, Head } from '../model/snapshot.ts'
import { formatCount, formatPercent } from './format.ts'

/** `?` before a late batch is listed. */
export function batchTotal({ total, isUnlisted, state }: BatchView): string {
  return isUnlisted && state !== 'ended' ? '?' : formatCount(total)
}

/** `120+` while more are to be listed. */
export function totalText({ total, unlisted = 0 }: Head): string {
  return formatCount(total) + (unlisted > 0 ? '+' : '')
}

/** What is done of that. A late batch that is not listed counts as one item: nobody is at the end before it. */
export function shareOf(head: Head): number {
  const total = head.total + (head.unlisted ?? 0)
  return total > 0 ? doneOf(head) / total : 0
}

export function percentOf(head: Head): string | undefined {
  return formatPercent(doneOf(head), head.total + (head.unlisted ?? 0))
}

/** Items in a final state. */
export function doneOf(head: Pick<Head, 'succeeded' | 'failed' | 'skipped'>): number {
  return head.succeeded + head.failed + head.skipped
}
