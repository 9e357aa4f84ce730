import type { TargetOptions } from '../options.ts'
import { steer } from '../steer.ts'

export function checkpoint(options: TargetOptions): Promise<number> {
  return steer(options, () => ({ verb: 'takeCheckpoint' }))
}
