import { selectionOf } from '../selection.ts'
import { steer } from '../steer.ts'
import type { SelectionOptions } from '../verbs.ts'

export function resume(options: SelectionOptions): Promise<number> {
  return steer(options, (plan) => ({ verb: 'resumeThreads', ...selectionOf(plan, options) }))
}
