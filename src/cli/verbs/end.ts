import { findItem } from '../items.ts'
import type { TargetOptions } from '../options.ts'
import { steer } from '../steer.ts'

export function end(item: string, options: TargetOptions & { readonly now?: boolean }): Promise<number> {
  return steer(options, (plan) => ({ verb: 'endItem', item: findItem(plan, item), isNow: options.now === true }))
}
