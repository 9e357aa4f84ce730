import { sizePlan } from '../sizing.ts'
import { hasValue } from '../source.ts'
import type { CheckContext } from './context.ts'

/** What the threads and the system are to have fits into the machine. */
export function checkMemory({ plan, options, report }: CheckContext): void {
  const { overrides } = options
  const sized = sizePlan(plan, options)
  const problem = sized.ok ? sized.warning : sized.problem
  if (!problem) return
  const { rule, path, message } = problem
  const asked = [
    ...(overrides.threads === undefined ? [] : ['--threads']),
    ...(overrides.memoryPerThread === undefined ? [] : ['--memory-per-thread']),
    ...(overrides.reserve === undefined ? [] : ['--reserve']),
  ].join(', ')
  const hint = asked === '' ? problem.hint : `${problem.hint} Counted with ${asked} of the command line.`
  // Numbers from the command line stand nowhere in the file: the nearest field that is there is told.
  const place = [path, ['memory'], ['threads'], ['name']].find((each) => hasValue(report.source, each)) ?? ['batches']
  const at = place.length === 1 ? { key: place } : { value: place }
  if (sized.ok) report.warning({ rule, at, message, hint })
  else report.error({ rule, at, message, hint })
}
