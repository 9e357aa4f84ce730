import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RunEvent } from '../../src/model/event.ts'
import type { BatchIndex, ItemIndex } from '../../src/model/ids.ts'
import { threadNumber } from '../../src/model/ids.ts'
import { wallTime } from '../../src/model/units.ts'
import { releaseDue } from '../../src/run/reduce/chunks.ts'
import { reduce } from '../../src/run/reduce.ts'
import { settle } from '../../src/run/settle.ts'
import type { RunState } from '../../src/run/state.ts'
import { createRunState, ended, queued, STATUS } from '../../src/run/state.ts'
import { standing } from '../../src/schedule/open-batches.ts'
import { pick } from '../../src/schedule/pick.ts'
import { rankBatches } from '../../src/schedule/rank.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { failed, retrying, returned, succeeded } from '../helpers/facts.ts'

const FATES = [
  'succeed',
  'succeed',
  'succeed',
  'fail',
  'retry',
  'untouched',
  'interrupted',
  'lost',
  'orphaned',
] as const
type Fate = (typeof FATES)[number]

const plan = buildPlan({
  threads: 3,
  phases: ['one', 'two'],
  batches: [
    { id: 'a', count: 7, phase: 0, attempts: 3 },
    { id: 'b', count: 5, phase: 0, threads: [1] },
    { id: 'c', count: 6, phase: 1, needs: [{ kind: 'batch', index: 0, when: 'ended' }] },
    { id: 'd', count: 3, needs: [{ kind: 'batch', index: 1, when: 'succeeded' }] },
  ],
})

/** What becomes of one item of a chunk. */
function eventOf(batch: BatchIndex, item: ItemIndex, fate: Fate, now: number): RunEvent {
  if (fate === 'succeed') return succeeded(batch, [item])
  if (fate === 'fail') return failed(item)
  if (fate === 'retry') return retrying(item, now + 500)
  return returned(batch, [item], fate)
}

/** Lives a run whose attempts end as `fates` say (then well), and gives the events it went through. */
function liveThrough(fates: readonly Fate[]): { state: RunState; events: { event: RunEvent; at: number }[] } {
  const state = createRunState(plan)
  const ranked = rankBatches(plan)
  const events: { event: RunEvent; at: number }[] = []
  let now = 1000
  const emit = (event: RunEvent) => {
    reduce(state, event, wallTime(now))
    settle(state, { seq: state.seq + 1, at: wallTime(now), event })
    events.push({ event, at: now })
    checkSums(state)
  }
  for (let turn = 0; turn < 500; turn += 1, now += 100) {
    releaseDue(state, wallTime(now))
    const { open, hopeless } = standing(state, ranked)
    for (const { batch, because } of hopeless) {
      const facts = state.batches[batch] as RunState['batches'][number]
      if (queued(facts) + facts.waiting > 0)
        emit({ type: 'items.skipped', batch, items: 'rest', count: queued(facts) + facts.waiting, because })
    }
    const thread = threadNumber((turn % 3) + 1)
    const next = pick(state, thread, { open, threads: 3, cores: 3, busy: () => 0 })
    if (!next) continue
    emit({ type: 'chunk.started', thread, ...next })
    next.items.forEach((item, place) =>
      emit(eventOf(next.batch, item, fates[(events.length + place) % 97] ?? 'succeed', now)),
    )
  }
  return { state, events }
}

function checkSums(state: RunState): void {
  const { status } = state.items
  for (const batch of state.batches) {
    const { first, count } = state.plan.batches[batch.index] as { first: number; count: number }
    const seen = (wanted: number) => status.subarray(first, first + count).filter((one) => one === wanted).length
    expect(seen(STATUS.handed)).toBe(batch.handed)
    expect(seen(STATUS.waiting)).toBe(batch.waiting)
    expect(seen(STATUS.queued)).toBe(queued(batch))
    expect([seen(STATUS.succeeded), seen(STATUS.failed), seen(STATUS.skipped)]).toEqual([
      batch.applied.succeeded,
      batch.applied.failed,
      batch.applied.skipped,
    ])
  }
}

test('whatever happens to attempts, counters and arrays agree, and a run whose items end well at last comes to its end', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...FATES), { maxLength: 60 }), (fates) => {
      const { state } = liveThrough(fates)
      for (const batch of state.batches) expect(ended(batch.durable)).toBe(batch.count)
    }),
    { numRuns: 60 },
  )
})

test('replaying the events of any run gives the facts that lived through it', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...FATES), { maxLength: 60 }), (fates) => {
      const { state, events } = liveThrough(fates)
      const replayed = createRunState(plan)
      for (const { event, at } of events) {
        reduce(replayed, event, wallTime(at))
        settle(replayed, { seq: replayed.seq + 1, at: wallTime(at), event })
      }
      expect(replayed.items).toEqual(state.items)
      expect(replayed.spans).toEqual(state.spans)
      expect(replayed.batches.map(({ applied, durable }) => [applied, durable])).toEqual(
        state.batches.map(({ applied, durable }) => [applied, durable]),
      )
    }),
    { numRuns: 30 },
  )
})
