import { sizeAtMost, sizeText } from '../../model/size-text.ts'
import { sizePlan } from '../sizing.ts'
import type { CheckContext } from './context.ts'

/** What an item is expected to need fits into a thread. */
export function checkExpectedMemory({ plan, options, report }: CheckContext): void {
  const sized = sizePlan(plan, options)
  if (!sized.ok) return
  const { threads, memory } = sized.sizing
  const cap = memory.perThread
  for (const [place, { memory: expected }] of plan.batches.entries()) {
    if (expected === undefined || expected <= cap) continue
    const larger = memory.isCapGiven
      ? `make the cap larger (${options.overrides.memoryPerThread ? '--memory-per-thread' : '`memory.perThread`'})`
      : `use fewer than ${threads} threads: they share ${sizeText(memory.budget)}`
    report.error({
      rule: 'over-cap',
      at: { value: ['batches', place, 'memory'] },
      message: `An item that needs ${sizeText(expected)} never fits: the cap of a thread is ${sizeText(cap)}.`,
      hint: `Say at most ${sizeAtMost(cap)}, or ${larger}.`,
    })
  }
}
