/** How wide the columns of the thread list are: fixed by the width of the screen and the plan, never by the moment. */

export interface ThreadColumns {
  /** Digits of the highest thread number. */
  readonly digits: number
  readonly state: number
  readonly batch: number
  readonly item: number
  /** Bar of the item's progress; 0: percentage only. */
  readonly bar: number
  /** True: `00:14 / 00:28 !!`. False: `00:14 !!`. */
  readonly hasUsual: boolean
  /** Bar of the memory; 0: amount only. */
  readonly memoryBar: number
}

interface Widths {
  readonly columns: number
  readonly digits: number
  /** Longest id of a batch. */
  readonly ids: number
  /** Longest batch id and title together. */
  readonly titles: number
}

const STATE_WIDTH = 9
export const PERCENT_WIDTH = 5
export const AMOUNT_WIDTH = 7
export const CPU_WIDTH = 5

export function threadColumns({ columns, digits, ids, titles }: Widths): ThreadColumns {
  const isWide = columns >= 104
  const extra = Math.max(0, columns - 132)
  const bar = isWide ? 12 + Math.min(40, Math.floor(extra * 0.45)) : columns >= 76 ? 6 : 0
  const memoryBar = isWide ? 8 + Math.min(16, Math.floor(extra * 0.2)) : 0
  const hasUsual = columns >= 76
  const fixed =
    4 +
    digits +
    (STATE_WIDTH + 1) +
    (bar > 0 ? bar + 1 : 0) +
    (PERCENT_WIDTH + 1) +
    (timeWidth(hasUsual) + 1) +
    (memoryBar > 0 ? memoryBar + 1 : 0) +
    (AMOUNT_WIDTH + 1) +
    (CPU_WIDTH + 1)
  // Batch and item share what is left, each with a blank behind it.
  const room = Math.max(8, columns - fixed - 2)
  const batch = isWide ? Math.min(titles, Math.max(ids, Math.floor(room / 2))) : Math.min(ids, Math.floor(room * 0.45))
  return { digits, state: STATE_WIDTH, batch, item: room - batch, bar, hasUsual, memoryBar }
}

/** `00:14 / 00:28 !!` or `00:14 !!`. */
export const timeWidth = (hasUsual: boolean): number => (hasUsual ? 16 : 8)

/** Everything between the batch and the memory: where a thread without a running item says why. */
export function spanWidth(widths: ThreadColumns): number {
  const bar = widths.bar > 0 ? widths.bar + 1 : 0
  return widths.item + 1 + bar + PERCENT_WIDTH + 1 + timeWidth(widths.hasUsual)
}
