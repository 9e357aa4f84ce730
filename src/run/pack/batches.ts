/** Batches and the numbers of their items. */
import type { By } from '../../model/event.ts'
import type { Batch } from '../../model/plan.ts'
import type { Because } from '../../model/reason.ts'
import type { WallTime } from '../../model/units.ts'
import type { PackedDurations } from '../durations.ts'
import { Durations } from '../durations.ts'
import { Sizes } from '../sizes.ts'
import type { BatchState, BreakerFacts, ItemTable } from '../state.ts'
import { STATUS } from '../state.ts'
import type { PackedNumbers } from './numbers.ts'
import { packNumbers, unpackNumbers } from './numbers.ts'
import type { PackedStatus } from './status.ts'
import { packHanded, packStatus, unpackHanded, unpackStatus } from './status.ts'

/** What a batch has besides its items. */
export interface BatchFacts {
  readonly id: string
  readonly count: number
  readonly durations: PackedDurations
  /** As `Sizes` packs them; left out where none was measured. */
  readonly sizes?: readonly number[]
  readonly startedAt?: WallTime
  readonly endedAt?: WallTime
  readonly pausedBy?: By
  readonly because?: Because
  /** Left out where it knows nothing. */
  readonly breaker?: Partial<BreakerFacts>
}

export interface PackedBatch extends BatchFacts {
  readonly status: PackedStatus
  readonly handed?: string
  readonly attempts?: PackedNumbers
  readonly failures?: PackedNumbers
}

export type FrozenItems = Pick<ItemTable, 'status' | 'attempts' | 'failures'>

/** An item that was handed out mostly had one attempt, and one that failed failed once. */
const ONE_ATTEMPT = (1 << STATUS.handed) | (1 << STATUS.waiting) | (1 << STATUS.succeeded) | (1 << STATUS.failed)
const ONE_FAILURE = (1 << STATUS.waiting) | (1 << STATUS.failed)

export function factsOf({ id, count }: Batch, facts: BatchState): BatchFacts {
  const { durations, sizes, startedAt, endedAt, pausedBy, because, breaker } = facts
  return {
    id,
    count,
    durations: durations.pack(),
    ...(sizes.count === 0 ? {} : { sizes: sizes.pack() }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(pausedBy === undefined ? {} : { pausedBy }),
    ...(because === undefined ? {} : { because }),
    ...(breaker && (breaker.opened || breaker.outcomes !== '') ? { breaker: { ...breaker } } : {}),
  }
}

/** @param items of this batch only @param handed how many of them are on threads */
export function* packBatch(facts: BatchFacts, items: FrozenItems, handed: number): Generator<void, PackedBatch> {
  const { status } = items
  const attempts = yield* packNumbers(items.attempts, { status, ones: ONE_ATTEMPT })
  const failures = yield* packNumbers(items.failures, { status, ones: ONE_FAILURE })
  return {
    ...facts,
    status: yield* packStatus(status),
    ...(handed > 0 ? { handed: yield* packHanded(status, handed) } : {}),
    ...(attempts ? { attempts } : {}),
    ...(failures ? { failures } : {}),
  }
}

/** States first, without those in backoff. */
export function unpackStates({ status, handed }: PackedBatch, items: FrozenItems): void {
  unpackStatus(status, items.status)
  if (handed !== undefined) unpackHanded(handed, items.status)
}

/** Then what is usual for a state. */
export function unpackBatch(packed: PackedBatch, items: FrozenItems, facts: BatchState): void {
  const { status } = items
  unpackNumbers(packed.attempts, items.attempts, { status, ones: ONE_ATTEMPT })
  unpackNumbers(packed.failures, items.failures, { status, ones: ONE_FAILURE })
  facts.durations = Durations.unpack(packed.durations)
  facts.sizes = Sizes.unpack(packed.sizes ?? [])
  facts.startedAt = packed.startedAt
  facts.endedAt = packed.endedAt
  facts.pausedBy = packed.pausedBy
  facts.because = packed.because
  if (facts.breaker) Object.assign(facts.breaker, packed.breaker)
}
