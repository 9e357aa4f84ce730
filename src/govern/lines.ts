/** Shares of the budget at which the governor acts. */
import { DEFAULT_ACT } from '../model/plan.ts'

export interface Lines {
  /** In sight: garbage is collected. */
  readonly reclaim: number
  /** In sight: nothing new starts, the heaviest thread gives back what it has not begun. */
  readonly hold: number
  /** What may be promised to items in all. */
  readonly admit: number
  /** In sight: the youngest item stands still. */
  readonly pause: number
  /** In use: collect, rebalance, checkpoint at the latest; then the youngest that stands still goes back to the queue. */
  readonly act: number
  /** In use: the last resort. */
  readonly kill: number
  /** In sight: below it a pause is taken back, and things start again. */
  readonly resume: number
}

/**
 * The early lines keep their distance to `act`, which a plan may move. Tried out on 4 threads of 300 MB that share 900 MB: with these
 * nothing was thrown away and the peak stayed at 73-83 %; acting at 95 % alone threw away a third of the work.
 * @param act share of the budget
 */
export function linesFor(act = DEFAULT_ACT): Lines {
  const scaled = (line: number) => (line / DEFAULT_ACT) * act
  return {
    reclaim: scaled(0.8),
    hold: scaled(0.85),
    admit: scaled(0.9),
    pause: scaled(0.9),
    act,
    kill: act + (1 - act) * 0.7,
    resume: scaled(0.78),
  }
}
