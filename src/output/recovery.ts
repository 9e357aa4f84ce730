/** What is said when a run goes on that an earlier supervisor left. */
import type { RunId } from '../model/ids.ts'
import type { Recovered } from '../model/start.ts'
import type { WallTime } from '../model/units.ts'
import { clean } from '../view/fit.ts'
import { countOf, formatCount } from '../view/format.ts'
import { formatMoment } from './json.ts'

/** `run 7f3a recovered: 5,210 done, 12 requeued, 3 new, 1 gone; 2 threads are still paused: batchtop resume`. */
export function recoveredLine(run: RunId, recovered: Recovered): string {
  const { failed, skipped, paused } = recovered
  const counts = [
    `${formatCount(recovered.succeeded)} done`,
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(skipped > 0 ? [`${formatCount(skipped)} skipped`] : []),
    `${formatCount(recovered.requeued)} requeued`,
    `${formatCount(recovered.new)} new`,
    `${formatCount(recovered.gone)} gone`,
  ]
  const are = paused === 1 ? 'is' : 'are'
  const still = paused > 0 ? `; ${countOf(paused, 'thread')} ${are} still paused: batchtop resume` : ''
  return `run ${run} recovered: ${counts.join(', ')}${still}`
}

/** How far a run had got when it was left. */
export interface LeftOff {
  readonly run: RunId
  readonly plan: string
  /** Undefined: its journal cannot be read. */
  readonly reached?: { readonly at: WallTime; readonly ended: number; readonly total: number } | undefined
}

/** `Run 7f3a of stories was interrupted 2026-11-20 22:14:05 UTC, 5,210 of 12,000 items done.` */
export function interruptedSentence({ run, plan, reached }: LeftOff): string {
  const name = `Run ${run} of ${clean(plan)}`
  if (!reached) return `${name} was interrupted; how far it got cannot be read: batchtop repair ${run}`
  const { at, ended, total } = reached
  return `${name} was interrupted ${formatMoment(at)}, ${formatCount(ended)} of ${countOf(total, 'item')} done.`
}

/** Before a new run of the same plan begins. */
export function stoppedSentence({ run, left }: { readonly run: RunId; readonly left: number }): string {
  return `the last run of this plan, ${run}, was stopped with ${countOf(left, 'item')} left: batchtop recover ${run} continues it`
}

/** The same, where a run of this plan was left whose file had another name or place. */
export function movedSentence({ run, planPath }: { readonly run: RunId; readonly planPath: string }): string {
  return `run ${run} of a plan of this name has work left, its file ${clean(planPath)} is gone: batchtop recover ${run} continues it`
}
