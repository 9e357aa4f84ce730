import type { SelectionOptions } from '../program.ts'
import { selectionOf } from '../selection.ts'
import { steer } from '../steer.ts'

export function resume(options: SelectionOptions): Promise<number> {
  return steer(options, ({ plan }) => ({ verb: 'resumeThreads', ...selectionOf(plan, options) }))
}
