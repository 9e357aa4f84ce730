/** What every contender is given. */
import type { Sizing } from './sizing.ts'
import type { WorkItem } from './workload.ts'

export interface Trial {
  readonly seed: number
  readonly sizing: Sizing
  readonly items: readonly WorkItem[]
  /** For files of its own. */
  readonly folder: string
}
