import { BatchtopError } from '../../model/errors.ts'
import { findItem } from '../items.ts'
import { findRun } from '../runs.ts'
import { steer } from '../steer.ts'
import type { RetryOptions } from '../verbs.ts'

export async function retry(items: readonly string[], options: RetryOptions): Promise<number> {
  if (items.length === 0 && !options.failed) throw new BatchtopError('no-items', 'Say which items, or --failed.')
  if (items.length > 0 && options.failed) throw new BatchtopError('both', 'Say items or --failed, not both.')
  const { info, isLive } = await findRun(options, 'any')
  if (!isLive) {
    throw new BatchtopError('run-over', `Run ${info.run} is over; starting it again is not in this version yet.`, {
      hint: 'Start the plan again: `batchtop run PLAN`.',
    })
  }
  return await steer({ ...options, run: info.run }, ({ plan }) => ({
    verb: 'retryItems',
    items: options.failed ? 'failed' : items.map((item) => findItem(plan, item)),
  }))
}
