import type { Path } from '../fields.ts'
import { retryOf } from '../retry.ts'
import type { CheckContext } from './context.ts'

/** The shortest wait between two tries is no longer than the longest. */
export function checkRetry({ plan, report }: CheckContext): void {
  const check = (path: Path, own: typeof plan.retry, base: typeof plan.retry) => {
    const { min, max } = retryOf(own, base)
    if (min <= max) return
    const message = `The first wait (${min / 1000} s) is longer than the longest (${max / 1000} s).`
    report.error({ rule: 'bad-retry', at: { value: path }, message, hint: 'Make `max` at least `min`.' })
  }
  if (plan.retry) check(['retry'], plan.retry, undefined)
  for (const [place, { retry }] of plan.batches.entries()) {
    if (retry) check(['batches', place, 'retry'], retry, plan.retry)
  }
}
