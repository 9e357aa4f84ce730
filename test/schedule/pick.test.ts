import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BatchIndex, ItemIndex } from '../../src/model/ids.ts'
import { itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { Reason } from '../../src/model/reason.ts'
import { wallTime } from '../../src/model/units.ts'
import { releaseDue } from '../../src/run/reduce/chunks.ts'
import type { RunState } from '../../src/run/state.ts'
import { STATUS } from '../../src/run/state.ts'
import { standing } from '../../src/schedule/open-batches.ts'
import type { Field } from '../../src/schedule/pick.ts'
import { pick } from '../../src/schedule/pick.ts'
import { rankBatches } from '../../src/schedule/rank.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, live, recovery, retrying, returned, runOf, succeeded } from '../helpers/facts.ts'
import { anyFates, RandomRun } from '../helpers/random-run.ts'

const NOW = wallTime(1000)

function next(
  state: RunState,
  thread: number,
  { busy = 0, threads = state.plan.threads, cores = state.plan.threads } = {},
) {
  const { open } = standing(state, rankBatches(state.plan), NOW)
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
    const { open, hopeless } = standing(state, rankBatches(plan), NOW)
    expect(open).toEqual([1, 3])
    expect(hopeless).toEqual([{ batch: 2, because: { kind: 'need', id: 'a' } }])
  })

  test('an item that a person skipped counts as done for whoever needs it', () => {
    const state = runOf(plan, [
      { type: 'items.skipped', batch: 0 as never, items: [0 as never], count: 1, because: { kind: 'user' } },
    ])
    expect(standing(state, rankBatches(plan), NOW).open).toEqual([1, 2, 3])
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

const tooMuch: Reason = { kind: 'memory', message: 'too much' }

/** Everything `pick` says, where these do not fit: batches as `b1`, items that are known by themselves as `i7`. */
function picked(state: RunState, isFresh: boolean, tooLarge: readonly string[] = []) {
  const fits: Field['fits'] = (batch, own) => !tooLarge.includes(own === undefined ? `b${batch}` : `i${own}`)
  const { open } = standing(state, rankBatches(state.plan), NOW)
  return pick(state, { thread: threadNumber(1), isFresh }, { open, threads: 2, cores: 2, busy: () => 0, fits })
}

describe('memory', () => {
  const plan = buildPlan({
    batchSize: 3,
    batches: [
      { id: 'a', count: 3 },
      { id: 'b', count: 100 },
      { id: 'c', count: 100 },
    ],
  })
  const quick = [chunk(1, [3]), succeeded(1, [3], { ms: 0.01 }), chunk(2, [103]), succeeded(2, [103], { ms: 0.01 })]
  const done = [chunk(0, [0, 1, 2]), succeeded(0, [0, 1, 2]), ...quick]
  const evicted = [chunk(1, [7]), returned(1, [7], 'evicted', { peak: 2 ** 30 })]
  const tried = [chunk(2, [109]), retrying(109, 900, { reason: tooMuch })]
  const lived = (...events: Parameters<typeof live>[1]) => {
    const state = live(runOf(plan), events)
    releaseDue(state, wallTime(1000))
    return state
  }

  test('where a batch does not fit the next one goes, and what was passed over is said', () => {
    expect(picked(lived(...done), false, ['b1'])).toEqual({
      kind: 'items',
      batch: 2,
      items: [104, 105, 106],
      passed: { batch: 1 },
    })
  })

  test('an item that was evicted goes first and alone', () => {
    expect(picked(lived(...done, ...evicted), false)).toEqual({ kind: 'items', batch: 1, items: [7] })
  })

  test('where it does not fit, its batch goes on without it', () => {
    expect(picked(lived(...done, ...evicted), false, ['i7'])).toEqual({
      kind: 'items',
      batch: 1,
      items: [4, 5, 6],
      passed: { batch: 1, item: 7 },
    })
  })

  test('one that failed for memory waits for a fresh process, which takes it before all else', () => {
    const state = lived(...done, ...tried)
    const other = { kind: 'items', batch: 2, items: [104, 105, 106] }
    expect(picked(state, false, ['b1'])).toEqual({
      ...other,
      passed: { batch: 1 },
      wantsFresh: { batch: 2, item: 109 },
    })
    expect(picked(state, true)).toEqual({ kind: 'items', batch: 2, items: [109] })
    expect(picked(state, true, ['b1', 'i109'])).toEqual({ ...other, passed: { batch: 1 } })
  })

  test('a process that has run something is told where only a fresh one would do', () => {
    expect(picked(lived(...done, ...tried), false, ['b1', 'b2'])).toEqual({ kind: 'wantsFresh', batch: 2, item: 109 })
  })

  test('nothing that fits is not nothing to do: the first that lacks memory is named', () => {
    const state = lived(...done, ...evicted)
    expect(picked(state, true, ['b1', 'b2', 'i7'])).toEqual({ kind: 'lacks', batch: 1, item: 7 })
    expect(picked(lived(...done), true, ['b1', 'b2'])).toEqual({ kind: 'lacks', batch: 1 })
    expect(picked(runOf(buildPlan({ batches: [] })), true)).toBeUndefined()
  })
})

test('whatever has happened, what is picked fits and suits the thread, and where nothing is picked nothing would', () => {
  const plan = buildPlan({ threads: 3, batchSize: 4, batches: ['a', 'b', 'c'].map((id) => ({ id, count: 6 })) })
  const large = fc.subarray([
    ...plan.batches.map(({ index }) => `b${index}`),
    ...Array.from({ length: 18 }, (_, item) => `i${item}`),
  ])
  fc.assert(
    fc.property(anyFates, fc.nat(60), large, fc.boolean(), (fates, stop, tooLarge, isFresh) => {
      const events = new RandomRun(plan, fates).live().journal.slice(0, stop + 1)
      const state = live(
        runOf(plan),
        events.map(({ event }) => event),
      )
      const { open } = standing(state, rankBatches(plan), NOW)
      const suits = (item: ItemIndex, batch: BatchIndex) => {
        const known = state.appetites.get(item)
        if (!known) return !tooLarge.includes(`b${batch}`)
        return !tooLarge.includes(`i${item}`) && (isFresh || known.failures === 0)
      }
      const could = open.flatMap((batch) => {
        const all = Array.from({ length: 6 }, (_, place) => itemIndex(batch * 6 + place))
        return all.filter((item) => state.items.status[item] === STATUS.queued && suits(item, batch))
      })
      const found = picked(state, isFresh, tooLarge)
      const items = found?.kind === 'items' ? found.items : []
      expect(could).toEqual(expect.arrayContaining([...items]))
      expect(items.length > 0).toBe(could.length > 0)
      expect(items.length === 1 || !items.some((item) => state.appetites.has(item))).toBe(true)
    }),
    { numRuns: 300 },
  )
})
