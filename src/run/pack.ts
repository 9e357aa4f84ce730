/**
 * The facts of a run as a small piece of JSON and back: what a checkpoint holds. An item costs 2 bits, what is unusual about it extra.
 * `ms` of items is left out: only readers of the whole journal need it. Imports model. Called by the supervisor and by whoever restores.
 */
import type { Outcome } from '../model/event.ts'
import type { RunId } from '../model/ids.ts'
import type { Batch, Plan } from '../model/plan.ts'
import type { EventView } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import type { Listings } from './listing.ts'
import { listingsOf, withListings } from './listing.ts'
import type { BatchFacts, FrozenItems, PackedBatch } from './pack/batches.ts'
import { factsOf, packBatch, unpackBatch, unpackStates } from './pack/batches.ts'
import { SLICE } from './pack/numbers.ts'
import type { PackedTimeline } from './pack/timeline.ts'
import { packTimeline, unpackTimeline } from './pack/timeline.ts'
import type { FrozenTroubles, PackedTroubles } from './pack/troubles.ts'
import { freezeTroubles, packTroubles, unpackToUndo, unpackTroubles, unpackWaiting } from './pack/troubles.ts'
import { recount } from './recount.ts'
import { MOST_EVENTS } from './settle.ts'
import type { RunState } from './state.ts'
import { batchState, createRunState } from './state.ts'

/** Looking at a batch costs about as much as at so many items. */
const BATCH_COST = 500

interface RunFacts {
  readonly run: RunId
  readonly epoch: number
  readonly planVersion: number
  readonly startedAt: WallTime
  readonly lastAt: WallTime
  readonly endedAt?: WallTime
  readonly draining: RunState['draining']
  readonly outcome?: Outcome
  readonly exit?: number
  readonly seq: number
  readonly timeline: PackedTimeline
  readonly events: readonly EventView[]
}

/** A copy of the facts that later events do not touch. */
export interface FrozenFacts {
  readonly run: RunFacts
  readonly listings: Listings | undefined
  readonly items: FrozenItems
  readonly batches: readonly FrozenBatch[]
  readonly troubles: FrozenTroubles
}

interface FrozenBatch {
  readonly first: number
  readonly count: number
  readonly handed: number
  readonly facts: BatchFacts
}

/** Plain JSON. */
export interface PackedFacts extends RunFacts {
  /** Which items late batches have; left out where none is listed. */
  readonly listings?: Listings
  readonly batches: readonly PackedBatch[]
  readonly troubles: PackedTroubles
}

/** Some ms at a million items: what is left to do is done to the copy. */
export function freezeFacts(state: RunState): FrozenFacts {
  const { status, attempts, failures } = state.items
  return {
    run: runFacts(state),
    listings: listingsOf(state.plan),
    items: { status: status.slice(), attempts: attempts.slice(), failures: failures.slice() },
    batches: state.plan.batches.map((batch) => {
      const facts = batchState(state, batch.index)
      const { first, count } = batch
      return { first, count, handed: facts.handed, facts: factsOf(batch, facts) }
    }),
    troubles: freezeTroubles(state),
  }
}

function runFacts(state: RunState): RunFacts {
  const { run, epoch, planVersion, startedAt, lastAt, endedAt, draining, outcome, exit, seq, events } = state
  return {
    run,
    epoch,
    planVersion,
    startedAt,
    lastAt,
    ...(endedAt === undefined ? {} : { endedAt }),
    draining,
    ...(outcome === undefined ? {} : { outcome }),
    ...(exit === undefined ? {} : { exit }),
    seq,
    timeline: packTimeline(state),
    events: events.slice(-MOST_EVENTS),
  }
}

/** Yields every few ms, so that a loop can go on between. */
export function* packFacts({ run, listings, items, batches, troubles }: FrozenFacts): Generator<void, PackedFacts> {
  const packed: PackedBatch[] = []
  let cost = 0
  for (const { first, count, handed, facts } of batches) {
    packed.push(yield* packBatch(facts, part(items, first, count), handed))
    cost += count + BATCH_COST
    if (cost < SLICE) continue
    cost = 0
    yield
  }
  const head = listings ? { ...run, listings } : run
  return { ...head, batches: packed, troubles: yield* packTroubles(troubles, items.status) }
}

/** Applied and durable facts are the same. @throws Error where the packed facts are not of this plan, or are damaged */
export function unpackFacts(compiled: Plan, packed: PackedFacts): RunState {
  const plan = withListings(compiled, packed.listings)
  const fresh = createRunState(plan)
  const pairs = pairUp(plan, packed)
  for (const [{ first, count }, one] of pairs) unpackStates(one, part(fresh.items, first, count))
  unpackWaiting(packed.troubles, fresh)
  unpackToUndo(packed.troubles, fresh)
  const state = { ...fresh, ...unpackTroubles(packed.troubles, fresh.items.status) }
  for (const [{ index, first, count }, one] of pairs)
    unpackBatch(one, part(state.items, first, count), batchState(state, index))
  recount(state)
  unpackTimeline(packed.timeline, state)
  state.events.push(...packed.events)
  const { run, epoch, planVersion, startedAt, lastAt, endedAt, draining, outcome, exit, seq } = packed
  return Object.assign(state, { run, epoch, planVersion, startedAt, lastAt, endedAt, draining, outcome, exit, seq })
}

function pairUp({ name, batches }: Plan, packed: PackedFacts): (readonly [Batch, PackedBatch])[] {
  const pairs = batches.flatMap((batch, place) => {
    const one = packed.batches[place]
    return one?.id === batch.id && one.count === batch.count ? [[batch, one] as const] : []
  })
  if (pairs.length === batches.length && pairs.length === packed.batches.length) return pairs
  throw new Error(`The packed facts are not those of plan ${name}: its batches are others`)
}

/** The items of one batch. */
function part({ status, attempts, failures }: FrozenItems, first: number, count: number): FrozenItems {
  const end = first + count
  return {
    status: status.subarray(first, end),
    attempts: attempts.subarray(first, end),
    failures: failures.subarray(first, end),
  }
}
