import { sizePlan } from '../sizing.ts'
import type { CheckContext } from './context.ts'

/** Batches have first call on threads that are there. */
export function checkThreads({ plan, options, report }: CheckContext): void {
  const sized = sizePlan(plan, options)
  for (const [place, { threads, threadsOnly }] of plan.batches.entries()) {
    const path = ['batches', place, 'threads']
    if (threadsOnly === true && (threads === undefined || threads.length === 0)) {
      const message = '`threadsOnly` needs `threads`: which threads may take the items of this batch?'
      report.error({
        rule: 'threads-only',
        at: { key: ['batches', place, 'threadsOnly'] },
        message,
        hint: 'Such as `threads: [1, 2]`.',
      })
    }
    if (!sized.ok) continue
    const count = sized.sizing.threads
    const missing = (threads ?? []).filter((thread) => thread > count)
    if (missing.length === 0) continue
    const isAll = missing.length === threads?.length
    const message = `There ${count === 1 ? 'is 1 thread' : `are ${count} threads`}: no thread ${missing.join(', ')}.`
    report.warning({
      rule: 'no-such-thread',
      at: { value: path },
      message,
      hint: isAll ? 'Any thread takes the items of this batch.' : 'The other threads of the list take its items.',
    })
  }
}
