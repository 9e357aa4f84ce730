import type { TargetOptions } from '../options.ts'
import { steer } from '../steer.ts'

export function threads(
  change: { readonly to: number } | { readonly by: number },
  options: TargetOptions,
): Promise<number> {
  return steer(options, () => ({ verb: 'setThreads', ...change }))
}
