import { describe, expect, test } from 'vitest'
import { threadNumber } from '../../src/model/ids.ts'
import type { RunState } from '../../src/run/state.ts'
import { standing } from '../../src/schedule/open-batches.ts'
import { pick } from '../../src/schedule/pick.ts'
import { rankBatches } from '../../src/schedule/rank.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, live, recovery, returned, runOf, succeeded } from '../helpers/facts.ts'

function next(
  state: RunState,
  thread: number,
  { busy = 0, threads = state.plan.threads, cores = state.plan.threads } = {},
) {
  const { open } = standing(state, rankBatches(state.plan))
  const field = { open, threads, cores, busy: () => busy, fits: () => true }
  const found = pick(state, { thread: threadNumber(thread), isFresh: true }, field)
  return found?.kind === 'items' ? { batch: state.plan.batches[found.batch]?.id, items: [...found.items] } : undefined
}

describe('order of work', () => {
  test('phase comes before category, category before level, level before place in the plan', () => {
    const plan = buildPlan({
      phases: ['w1', 'w2'],
      ordered: false,
      categories: ['compliance', 'core'],
      batches: [
        { id: 'plain', count: 1 },
        { id: 'w2', count: 1, phase: 1, category: 0, level: 'critical' },
        { id: 'core', count: 1, phase: 0, category: 1, level: 'critical' },
        { id: 'low', count: 1, phase: 0, category: 0, level: 'low' },
        { id: 'high-2', count: 1, phase: 0, category: 0, level: 'high' },
        { id: 'high-1', count: 1, phase: 0, category: 0, level: 'high' },
      ],
    })
    expect(rankBatches(plan).map((index) => plan.batches[index]?.id)).toEqual([
      'high-2',
      'high-1',
      'low',
      'core',
      'w2',
      'plain',
    ])
  })

  test('a thread takes from its own batches first and from others when it has nothing of its own', () => {
    const plan = buildPlan({
      threads: 2,
      batches: [
        { id: 'urgent', count: 1, level: 'critical', threads: [2] },
        { id: 'own', count: 1, threads: [1] },
      ],
    })
    const state = runOf(plan)
    expect(next(state, 1)).toEqual({ batch: 'own', items: [1] })
    live(state, [chunk(1, [1], 1)])
    expect(next(state, 1)).toEqual({ batch: 'urgent', items: [0] })
  })

  test('threadsOnly keeps other threads away, unless the threads it names do not exist', () => {
    const plan = buildPlan({ threads: 2, batches: [{ id: 'a', count: 1, threads: [2], threadsOnly: true }] })
    expect(next(runOf(plan), 1)).toBeUndefined()
    expect(next(runOf(plan), 1, { threads: 1 })).toEqual({ batch: 'a', items: [0] })
  })

  test('parallel limits how many threads work on a batch', () => {
    const plan = buildPlan({ batches: [{ id: 'a', count: 9, parallel: 2 }] })
    expect(next(runOf(plan), 1, { busy: 1 })).toBeDefined()
    expect(next(runOf(plan), 1, { busy: 2 })).toBeUndefined()
  })
})

describe('what must come first', () => {
  const plan = buildPlan({
    phases: ['one', 'two'],
    batches: [
      { id: 'a', count: 1, phase: 0 },
      { id: 'b', count: 1, phase: 1 },
      { id: 'c', count: 1, needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] },
      { id: 'd', count: 1, needs: [{ kind: 'phase', index: 0, when: 'ended' }] },
    ],
  })

  test('a phase waits for every item of those before it, whatever their outcome', () => {
    const state = runOf(plan, [chunk(0, [0])])
    expect(next(state, 1)).toBeUndefined()
    live(state, [failed(0)])
    expect(next(state, 1)?.batch).toBe('b')
  })

  test('nothing unlocks before it is on disk', () => {
    const state = live(runOf(plan, [chunk(0, [0])]), [succeeded(0, [0])], { isDurable: false })
    expect(next(state, 1)).toBeUndefined()
  })

  test('a need that can no longer be met makes its batch hopeless, `when: ended` does not', () => {
    const state = runOf(plan, [chunk(0, [0]), failed(0)])
    const { open, hopeless } = standing(state, rankBatches(plan))
    expect(open).toEqual([1, 3])
    expect(hopeless).toEqual([{ batch: 2, because: { kind: 'need', id: 'a' } }])
  })

  test('an item that a person skipped counts as done for whoever needs it', () => {
    const state = runOf(plan, [
      { type: 'items.skipped', batch: 0 as never, items: [0 as never], count: 1, because: { kind: 'user' } },
    ])
    expect(standing(state, rankBatches(plan)).open).toEqual([1, 2, 3])
  })
})

describe('size of chunks', () => {
  const plan = buildPlan({ threads: 2, batchSize: 50, batches: [{ id: 'a', count: 1000 }] })

  test('the first item of a batch goes alone, because nothing is known of it', () => {
    expect(next(runOf(plan), 1)?.items).toEqual([0])
  })

  test('items that take no time go by the full chunk, long ones alone, those between by 8 ms of work', () => {
    expect(next(runOf(plan, [chunk(0, [0]), succeeded(0, [0], { ms: 0.01 })]), 1)?.items).toHaveLength(50)
    expect(next(runOf(plan, [chunk(0, [0]), succeeded(0, [0], { ms: 2 })]), 1)?.items).toHaveLength(4)
    expect(next(runOf(plan, [chunk(0, [0]), succeeded(0, [0], { ms: 500 })]), 1)?.items).toHaveLength(1)
  })

  test('where threads share cores a chunk carries more, because its items take longer than their work', () => {
    const state = runOf(plan, [chunk(0, [0]), succeeded(0, [0], { ms: 2 })])
    expect(next(state, 1, { cores: 1 })?.items).toHaveLength(8)
  })

  test('near the end every thread gets a share', () => {
    const done = Array.from({ length: 984 }, (_, item) => item)
    expect(next(runOf(plan, [chunk(0, done), succeeded(0, done, { ms: 0.01 })]), 1)?.items).toHaveLength(4)
  })
})

describe('items under which a supervisor died', () => {
  const plan = buildPlan({ threads: 2, batchSize: 50, batches: [{ id: 'a', count: 1000 }] })
  const recovered = (lived: Parameters<typeof live>[1]) => {
    const state = runOf(plan, [chunk(0, [0]), succeeded(0, [0], { ms: 0.01 }), ...lived])
    return live(state, [recovery(plan)])
  }

  test('go alone, one after another', () => {
    const state = recovered([chunk(0, [1, 2])])
    expect(next(state, 1)?.items).toEqual([1])
    live(state, [chunk(0, [1])])
    expect(next(state, 2)?.items).toEqual([2])
    live(state, [chunk(0, [2], 2)])
    expect(next(state, 1)?.items).toHaveLength(50)
  })

  test('are passed over by a chunk that begins with others', () => {
    const state = recovered([chunk(0, [1]), returned(0, [1], 'untouched'), chunk(0, [2, 5])])
    const items = next(state, 1)?.items
    expect(items?.slice(0, 4)).toEqual([1, 3, 4, 6])
    expect(items).toHaveLength(50)
  })

  test('are like any other once they have succeeded and nothing of it is left to remember', () => {
    const state = recovered([chunk(0, [1])])
    live(state, [chunk(0, [1]), succeeded(0, [1], { ms: 0.01 })])
    expect(state.deaths.size).toBe(0)
    expect(next(state, 1)?.items).toHaveLength(50)
  })
})
