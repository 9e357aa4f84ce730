import type { TargetOptions } from '../options.ts'
import { steer } from '../steer.ts'

export function reclaim(options: TargetOptions): Promise<number> {
  return steer(options, () => ({ verb: 'reclaimMemory' }))
}
