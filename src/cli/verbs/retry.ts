import { BatchtopError } from '../../model/errors.ts'
import { findItem } from '../items.ts'
import { retryEnded } from '../retry-ended.ts'
import { findRun } from '../runs.ts'
import { steer } from '../steer.ts'
import type { RetryOptions } from '../verbs.ts'

export async function retry(items: readonly string[], options: RetryOptions): Promise<number> {
  if (items.length === 0 && !options.failed) throw new BatchtopError('no-items', 'Say which items, or --failed.')
  if (items.length > 0 && options.failed) throw new BatchtopError('both', 'Say items or --failed, not both.')
  const known = await findRun(options, 'any')
  if (!known.isLive) return await retryEnded(known, items, options)
  return await steer({ ...options, run: known.info.run }, (plan) => ({
    verb: 'retryItems',
    items: options.failed ? 'failed' : items.map((item) => findItem(plan, item)),
  }))
}
