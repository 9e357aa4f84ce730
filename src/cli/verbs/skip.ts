import { findItem } from '../items.ts'
import type { TargetOptions } from '../options.ts'
import { steer } from '../steer.ts'

export function skip(items: readonly string[], options: TargetOptions): Promise<number> {
  return steer(options, (plan) => ({ verb: 'skipItems', items: items.map((item) => findItem(plan, item)) }))
}
