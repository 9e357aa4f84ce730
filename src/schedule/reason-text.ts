/** Why an attempt did not succeed, in words. */
import type { Reason } from '../model/reason.ts'

/** How a command ended says what kind of end it was. */
const SELF_TOLD: ReadonlySet<Reason['kind']> = new Set(['exit', 'signal', 'output'])

/** For `why`. */
export function reasonText(reason: Reason | undefined): string {
  if (!reason) return 'no reason recorded'
  return SELF_TOLD.has(reason.kind) ? reason.message : `${reason.kind}: ${reason.message}`
}
