/** Looks for tests, in MB and milliseconds. The budget is 1000 MB and a cap 400 MB where nothing else is said. */
import type { Governor } from '../../src/govern/governor.ts'
import { decide } from '../../src/govern/ladder.ts'
import type { Look, ThreadLook } from '../../src/govern/look.ts'
import { threadNumber } from '../../src/model/ids.ts'
import { bytes, wallTime } from '../../src/model/units.ts'
import { MB } from './workload.ts'

/** When tests begin: clocks do not start at zero. */
export const START = 1_000_000

export interface ThreadOptions {
  readonly used?: number
  readonly cap?: number
  readonly state?: ThreadLook['state']
  readonly by?: 'user' | 'governor'
  readonly stood?: number
  readonly isFrozen?: boolean
  readonly began?: number
  readonly expected?: number
  readonly isKnown?: boolean
  readonly unstarted?: number
  readonly can?: Partial<ThreadLook['can']>
}

/** @param options threads 1, 2, …; items of higher threads are younger unless `began` says otherwise */
export function lookAt(
  now: number,
  options: readonly ThreadOptions[],
  more: Partial<Pick<Look, 'isSqueezed' | 'isCritical'>> & { readonly budget?: number } = {},
): Look {
  const { budget = 1000, isSqueezed = false, isCritical = false } = more
  const threads = options.map((one, index) => threadLook(index, now, one))
  return { now: wallTime(START + now), budget: bytes(budget * MB), isSqueezed, isCritical, threads }
}

function threadLook(index: number, now: number, options: ThreadOptions): ThreadLook {
  const { state = 'running', used = 0, cap = 400, stood, by, isFrozen = false, began = index } = options
  const { expected = 0, isKnown = true, unstarted = 0, can } = options
  return {
    thread: threadNumber(index + 1),
    used: bytes(used * MB),
    cap: bytes(cap * MB),
    state,
    ...(by ? { by } : state === 'standing' || state === 'stopping' ? { by: 'governor' } : {}),
    ...(stood === undefined ? {} : { standsSince: wallTime(START + now - stood) }),
    isFrozen,
    began: wallTime(START + began),
    expected: bytes(expected * MB),
    isKnown,
    unstarted,
    can: { hold: true, reclaim: true, ...can },
  }
}

/** What is decided, as `pause 2`. */
export function told(governor: Governor, look: Look): string[] {
  return decide(governor, look).map(({ stage, thread }) => (thread === undefined ? stage : `${stage} ${thread}`))
}
