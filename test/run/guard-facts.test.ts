/** What reduce, checkpoints and other plans make of breakers and undos. */
import { describe, expect, test } from 'vitest'
import { batchIndex, itemIndex } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { Reason } from '../../src/model/reason.ts'
import { wallTime } from '../../src/model/units.ts'
import { carryOver } from '../../src/run/carry-over.ts'
import type { PackedFacts } from '../../src/run/pack.ts'
import { freezeFacts, packFacts, unpackFacts } from '../../src/run/pack.ts'
import type { RunState } from '../../src/run/state.ts'
import { batchState } from '../../src/run/state.ts'
import { eligibility } from '../../src/schedule/eligible.ts'
import type { BatchSpec } from '../helpers/build-plan.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import {
  chunk,
  failed,
  live,
  opened,
  recovery,
  requeued,
  returned,
  runOf,
  succeeded,
  undone,
} from '../helpers/facts.ts'
import { factsOf } from '../helpers/run-facts.ts'

const EXIT: Reason = { kind: 'exit', message: 'exit 3', code: '3' }
const BREAKER = { failures: 0.5, of: 4, wait: 5000 }

function planOf(...batches: readonly BatchSpec[]): Plan {
  return buildPlan({ batches })
}

const plan = planOf(
  { id: 'a', count: 6, undo: 'rm -f it', breaker: BREAKER },
  { id: 'b', count: 4, undo: 'rm -f it' },
  { id: 'c', count: 1, needs: [{ kind: 'batch', index: 1, when: 'ended' }] },
)

const failures = (batch: number, items: readonly number[]) => [
  chunk(batch, items),
  ...items.map((item) => failed(item)),
]

/** Two batches with failures in an order of their own, some undone. */
const story = [
  ...failures(1, [9, 6, 8]),
  ...failures(0, [4, 1, 5]),
  undone(6),
  undone(4, EXIT),
  undone(9, EXIT),
  opened(0, 9000, 3, 4),
  chunk(0, [0]),
]

function throughJson(state: RunState): RunState {
  const packing = packFacts(freezeFacts(state))
  let step = packing.next()
  while (!step.done) step = packing.next()
  return unpackFacts(plan, JSON.parse(JSON.stringify(step.value)) as PackedFacts)
}

describe('what is to be undone', () => {
  test('is known in the order in which it failed, until it is undone', () => {
    const state = runOf(plan, story)
    expect(state.batches.map(({ toUndo }) => toUndo)).toEqual([[1, 5], [8], []])
    expect([...state.undone]).toEqual([
      [6, {}],
      [4, { reason: EXIT }],
      [9, { reason: EXIT }],
    ])
  })

  test('is forgotten for items that are retried, undone or not', () => {
    const state = runOf(plan, [...story, requeued(4, 5, 8)])
    expect(state.batches.map(({ toUndo, toUndoDurably }) => [toUndo, [...toUndoDurably]])).toEqual([
      [[1], [1]],
      [[], []],
      [[], []],
    ])
    expect([...state.undone.keys()]).toEqual([6, 9])
  })

  test('holds what needs the end of its batch until the last undo is on disk', () => {
    const state = runOf(plan, [...failures(1, [6]), chunk(1, [7, 8, 9]), succeeded(1, [7, 8, 9])])
    const need = () => eligibility(state, state.plan.batches[2] as Plan['batches'][number]).kind
    expect(need()).toBe('blocked')
    live(state, [undone(6)], { isDurable: false })
    expect(need()).toBe('blocked')
    live(state, [undone(6)])
    expect(need()).toBe('open')
  })

  test('is nothing in a batch that has no way to undo', () => {
    const state = runOf(planOf({ id: 'a', count: 2 }), failures(0, [0, 1]))
    expect(state.batches[0]?.toUndo).toEqual([])
  })
})

describe('in a checkpoint', () => {
  test('all of it is as it was, also while an item tries', () => {
    const state = runOf(plan, story)
    expect(state.batches[0]?.breaker).toMatchObject({ trial: 0, opened: { until: 9000 } })
    expect(factsOf(throughJson(state), { ms: false })).toEqual(factsOf(state, { ms: false }))
  })

  test('what a closed breaker knows is there as well', () => {
    const state = runOf(plan, [...failures(0, [0, 1]), chunk(0, [2]), succeeded(0, [2])])
    expect(throughJson(state).batches[0]?.breaker).toEqual({ outcomes: 'xx.', opened: undefined, trial: undefined })
  })

  test('an undo of what has not failed is refused', () => {
    const packing = packFacts(freezeFacts(runOf(plan, failures(0, [2]))))
    let step = packing.next()
    while (!step.done) step = packing.next()
    const facts = step.value
    const wrong = { ...facts, troubles: { ...facts.troubles, toUndo: 'Ag==' } }
    expect(() => unpackFacts(plan, wrong)).toThrow('Packed item 1 cannot be to be undone')
  })
})

const carried = (next: Plan, changed: 'keep' | 'rerun' = 'keep') => {
  const { state } = carryOver(runOf(plan, story), next, changed)
  live(state, [recovery(next, { planVersion: 2 })])
  return state
}

describe('under another plan', () => {
  test('what is to be undone and what was goes with its items, in its order', () => {
    const b = { id: 'b', count: 4, undo: 'rm -rf it' }
    const state = carried(planOf({ id: 'new', count: 2 }, b, { id: 'a', count: 6, undo: 'rm -f it' }))
    expect(state.batches.map(({ toUndo }) => toUndo)).toEqual([[], [4], [7, 11]])
    expect([...state.undone.keys()].toSorted((one, other) => one - other)).toEqual([2, 5, 10])
    expect([...batchState(state, batchIndex(2)).toUndoDurably]).toEqual([7, 11])
  })

  test('nothing is undone where the plan does not say how any more', () => {
    const state = carried(planOf({ id: 'a', count: 6 }, { id: 'b', count: 4, undo: 'x' }))
    expect(state.batches.map(({ toUndo }) => toUndo)).toEqual([[], [8]])
  })

  test('nor what runs again because its work is another', () => {
    const state = carried(
      planOf({ id: 'a', count: 6, task: '/tasks/other.ts', undo: 'x' }, { id: 'b', count: 4, undo: 'x' }),
      'rerun',
    )
    expect(state.batches.map(({ toUndo }) => toUndo)).toEqual([[], [8]])
    expect(state.undone.has(itemIndex(4))).toBe(false)
  })

  test('an open breaker stays open, and nobody tries who was lost with the supervisor', () => {
    const { breaker } = carried(planOf({ id: 'a', count: 6, breaker: { ...BREAKER, of: 2 } })).batches[0] ?? {}
    expect(breaker).toEqual({ outcomes: '', opened: { failures: 3, of: 4, until: wallTime(9000) }, trial: undefined })
  })

  test('a breaker looks back no further than the plan says now', () => {
    const before = runOf(plan, [...failures(0, [0, 1]), chunk(0, [2]), succeeded(0, [2])])
    const next = planOf({ id: 'a', count: 6, breaker: { ...BREAKER, of: 2 } })
    expect(carryOver(before, next, 'keep').state.batches[0]?.breaker?.outcomes).toBe('x.')
  })
})

test('the one that tries is free again when it comes back', () => {
  for (const how of ['untouched', 'interrupted', 'orphaned', 'lost', 'evicted'] as const) {
    const state = runOf(plan, [...story, returned(0, [0], how)])
    expect([how, state.batches[0]?.breaker?.trial]).toEqual([how, undefined])
  }
})
