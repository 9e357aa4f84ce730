/** What every rule gets. A rule is one file in this folder: it looks at the plan and reports what is wrong, never throws. */
import { UNREADABLE } from '../drop-broken.ts'
import type { LoadOptions } from '../options.ts'
import type { Report } from '../report.ts'
import type { PlanInput } from '../schema.ts'

export interface CheckContext {
  readonly plan: PlanInput
  readonly report: Report
  /** Absolute path of the plan file's folder. */
  readonly folder: string
  readonly options: LoadOptions
}

/** False for what stands in for a text that could not be read, which was reported already. */
export function isReadable(text: string): boolean {
  return text !== UNREADABLE
}
