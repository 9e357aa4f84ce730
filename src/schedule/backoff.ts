/** How long a failed item waits before its next try. */
import type { ItemIndex, RunId } from '../model/ids.ts'
import type { Retry } from '../model/plan.ts'
import type { Millis } from '../model/units.ts'
import { millis } from '../model/units.ts'

/**
 * Exponential with jitter: somewhere between `min` and `min * 2^failures`, at most `max`. The jitter comes from a hash, so that a
 * replayed decision is the same decision and a thousand items that failed together do not come back together.
 * @param failures how many tries have failed, the latest included
 */
export function backoff(retry: Retry, failures: number, seed: { run: RunId; item: ItemIndex }): Millis {
  const ceiling = Math.min(retry.max, retry.min * 2 ** failures)
  const floor = Math.min(retry.min, ceiling)
  return millis(Math.round(floor + fraction(`${seed.run}/${seed.item}/${failures}`) * (ceiling - floor)))
}

/** 0 up to 1 from a text: FNV-1a, mixed once more because neighbouring items differ in one digit only. */
function fraction(text: string): number {
  let hash = 0x811c9dc5
  for (let place = 0; place < text.length; place += 1) hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32
}
