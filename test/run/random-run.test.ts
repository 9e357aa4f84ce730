import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { JournaledEvent } from '../../src/model/event.ts'
import { wallTime } from '../../src/model/units.ts'
import { History } from '../../src/run/history.ts'
import { freezeFacts, packFacts, unpackFacts } from '../../src/run/pack.ts'
import { releaseDue } from '../../src/run/reduce/chunks.ts'
import type { RunState } from '../../src/run/state.ts'
import { ended, STATUS } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { recovery } from '../helpers/facts.ts'
import { anyFates, checkSums, RandomRun } from '../helpers/random-run.ts'
import { factsOf } from '../helpers/run-facts.ts'

const late = { isListed: false, kind: 'glob', pattern: '*', cwd: '/plans' } as const

const plan = buildPlan({
  threads: 3,
  phases: ['one', 'two'],
  batches: [
    { id: 'a', count: 7, phase: 0, attempts: 3, breaker: { failures: 0.5, of: 4, wait: 700 } },
    { id: 'b', count: 5, phase: 0, threads: [1], undo: 'rm -f it' },
    {
      id: 'c',
      count: 6,
      phase: 1,
      undo: 'rm -f it',
      breaker: { failures: 1, of: 2, wait: 300 },
      needs: [{ kind: 'batch', index: 0, when: 'ended' }],
    },
    { id: 'd', count: 3, needs: [{ kind: 'batch', index: 1, when: 'succeeded' }] },
    { id: 'e', count: 0, late, phase: 0, attempts: 2 },
    { id: 'f', count: 0, late, undo: 'rm -f it', needs: [{ kind: 'batch', index: 4, when: 'succeeded' }] },
    { id: 'g', count: 2, needs: [{ kind: 'batch', index: 5, when: 'ended' }] },
  ],
})

/** Where in a journal to stop, as a share of its length. */
const share = fc.nat(1000).map((part) => part / 1000)

function replay(journal: readonly JournaledEvent[], state?: RunState): RunState {
  const history = new History([plan], state)
  for (const journaled of journal) history.apply(journaled)
  return history.state
}

function prefixOf(journal: readonly JournaledEvent[], part: number): readonly JournaledEvent[] {
  return journal.slice(0, Math.ceil(part * journal.length))
}

function throughJson(state: RunState): RunState {
  const packing = packFacts(freezeFacts(state))
  let step = packing.next()
  while (!step.done) step = packing.next()
  return unpackFacts(plan, JSON.parse(JSON.stringify(step.value)) as typeof step.value)
}

test('whatever happens to attempts, counters and arrays agree, and a run whose items end well at last comes to its end', () => {
  fc.assert(
    fc.property(anyFates, (fates) => {
      const { state } = new RandomRun(plan, fates).live()
      for (const batch of state.batches) expect(ended(batch.durable)).toBe(batch.count)
    }),
    { numRuns: 50 },
  )
})

test('replaying any part of any journal gives the facts that lived through it', () => {
  fc.assert(
    fc.property(anyFates, fc.nat(150), (fates, stop) => {
      let lived: { readonly facts: object; readonly now: number } | undefined
      const { journal } = new RandomRun(plan, fates, ({ state, journal: so, now }) => {
        if (so.length <= stop + 1) lived = { facts: structuredClone(factsOf(state)), now }
      }).live()
      const replayed = replay(journal.slice(0, stop + 1))
      // What is due leaves backoff by the clock alone, which a journal does not hold.
      releaseDue(replayed, wallTime(lived?.now ?? 0))
      expect(factsOf(replayed)).toEqual(lived?.facts)
    }),
    { numRuns: 50 },
  )
})

test('a supervisor may die after any event: nothing is on a thread then, and nothing else has moved', () => {
  fc.assert(
    fc.property(anyFates, share, (fates, part) => {
      const state = replay(prefixOf(new RandomRun(plan, fates).live().journal, part))
      const before = structuredClone(factsOf(state))
      const handed = state.items.status.map((one) => (one === STATUS.handed ? STATUS.queued : one))
      replay([{ seq: state.seq + 1, at: wallTime(9e6), event: recovery(plan, { epoch: state.epoch + 1 }) }], state)
      checkSums(state)
      expect(factsOf(state)).toMatchObject({
        status: [...handed],
        attempts: before['attempts'],
        failures: before['failures'],
        backoff: before['backoff'],
        run: { epoch: state.epoch, endedAt: undefined, draining: 'no', outcome: undefined, exit: undefined },
      })
      expect(state.threads.map((thread) => [thread.handed, thread.isStarted])).toEqual(
        state.threads.map(() => [0, false]),
      )
      expect(state.spans.filter(({ to }) => to === undefined)).toEqual([])
    }),
    { numRuns: 50 },
  )
})

test('facts come out of a checkpoint as they went in, and go on like those that were never in one', () => {
  fc.assert(
    fc.property(anyFates, share, (fates, part) => {
      const { journal } = new RandomRun(plan, fates).live()
      const prefix = prefixOf(journal, part)
      const unpacked = throughJson(replay(prefix))
      expect(factsOf(unpacked, { ms: false })).toEqual(factsOf(replay(prefix), { ms: false }))
      checkSums(unpacked)
      const rest = journal.slice(prefix.length)
      expect(factsOf(replay(rest, unpacked), { ms: false })).toEqual(factsOf(replay(journal), { ms: false }))
    }),
    { numRuns: 50 },
  )
})

test('what happens after the copy was made does not change what is packed', () => {
  fc.assert(
    fc.property(anyFates, share, (fates, part) => {
      const { journal } = new RandomRun(plan, fates).live()
      const prefix = prefixOf(journal, part)
      const state = replay(prefix)
      const packing = packFacts(freezeFacts(state))
      replay(journal.slice(prefix.length), state)
      expect([...drain(packing)]).toEqual([...drain(packFacts(freezeFacts(replay(prefix))))])
    }),
    { numRuns: 30 },
  )
})

function* drain<Value>(packing: Generator<void, Value>): Generator<Value> {
  yield yield* packing as Generator<never, Value>
}
