/** What is handed out where memory is short, and what is said of what waits for it. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import { bytes, millis } from '../../src/model/units.ts'
import { CLOSED_EYE } from '../../src/supervisor/eye.ts'
import type { BatchSpec } from '../helpers/build-plan.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { FakeRun } from '../helpers/fake-run.ts'

const GB = 2 ** 30

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Three threads of 2 GB that share 4 GB; an item of `large` takes 2 GB, one of `small` 0.1 GB. */
function plan(...batches: BatchSpec[]): Plan {
  const built = buildPlan({ threads: 3, batchSize: 1, batches })
  const sizes = new Map([
    ['large', bytes(2 * GB)],
    ['small', bytes(GB / 10)],
  ])
  return {
    ...built,
    memory: { ...built.memory, budget: bytes(4 * GB) },
    batches: built.batches.map((batch) => Object.assign(batch, { memory: sizes.get(batch.id) ?? bytes(GB / 10) })),
  }
}

const why = (run: FakeRun, item: number) => {
  const answer = run.command({ verb: 'explainItem', item: itemIndex(item) }).answer
  return answer?.ok ? answer.message : undefined
}

function twoLarge(...more: BatchSpec[]): FakeRun {
  const run = new FakeRun(plan({ id: 'large', count: 3 }, ...more))
  run.ready(1, 2, 3)
  run.used({ 1: GB / 20, 2: GB / 20, 3: GB / 20 })
  return run
}

describe('an item that does not fit', () => {
  test('is not handed out, and that is said once', () => {
    const run = twoLarge()
    expect(run.held(1, 2, 3)).toEqual(['large', undefined, undefined])
    expect(run.core.live.lacks).toBe('memory: needs 2 GB, 1.5 GB free')
    expect(run.core.live.holdsAbove).toBeGreaterThan(GB)
    for (let look = 0; look < 10; look += 1) run.used({ 1: GB, 2: GB / 20, 3: GB / 20 })
    expect(run.acted.filter((act) => act === 'hold')).toEqual(['hold'])
    expect(run.all('governor.acted')[0]?.why).toBe('an item of large needs 2 GB, 1.6 GB free')
  })

  test('says so when it is asked why', () => {
    const run = twoLarge()
    expect(why(run, 1)).toBe('large-002 waits for memory: needs 2 GB, 1.5 GB free.')
    expect(why(run, 0)).toBe('large-001 runs on thread 1, attempt 1.')
  })

  test('says so also where the only thread that could take it has no process yet', () => {
    const run = new FakeRun(
      plan(
        { id: 'small', count: 1 },
        { id: 'large', count: 2, needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] },
      ),
    )
    run.ready(1)
    run.end(1)
    expect(run.held(1)).toEqual(['large'])
    expect(run.core.live.threads[1]?.process).toBe('none')
    expect(why(run, 2)).toBe('large-002 waits for memory: needs 2 GB, 1.6 GB free.')
  })

  test('is handed out once there is memory', () => {
    const run = twoLarge()
    run.end(1)
    expect(run.held(1, 2, 3).filter(Boolean)).toEqual(['large'])
    run.end(2)
    expect(run.held(1, 2, 3).filter(Boolean)).toEqual(['large'])
  })

  test('lets smaller ones of other batches go first, and that is said', () => {
    const run = twoLarge({ id: 'small', count: 2 })
    expect(run.held(1, 2, 3)).toEqual(['large', 'small', 'small'])
    expect(run.acted).toEqual(['rebalance'])
    expect(run.all('governor.acted')[0]?.why).toMatch(/^small goes first: an item of large needs 2 GB, .* free$/)
    expect(run.core.live.lacks).toBeUndefined()
  })

  test('is any item while nothing new starts, however much is free', () => {
    const run = new FakeRun(plan({ id: 'small', count: 3 }))
    run.ready(1, 2)
    run.used({ 1: 1.75 * GB, 2: 1.75 * GB })
    run.ready(3)
    expect(run.held(1, 2, 3)).toEqual(['small', 'small', undefined])
    expect(run.core.live.lacks).toBe('memory: nothing new starts now')
    expect(run.core.live.holdsAbove).toBe(0)
  })

  test('is not what an item of a batch waits for that has not begun', () => {
    const run = twoLarge({ id: 'later', count: 1, needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] })
    expect(why(run, 3)).toBe('later-001 waits: batch later needs large first.')
  })
})

describe('where nothing runs', () => {
  test('the first item goes whatever it takes', () => {
    const run = new FakeRun(plan({ id: 'large', count: 1 }))
    run.used({ 1: 1.9 * GB, 2: 1.9 * GB })
    run.ready(1)
    run.used({ 1: 3 * GB, 2: GB, 3: GB })
    expect(run.held(1)).toEqual(['large'])
  })

  test("but memory that a person's paused threads hold is the person's to free: it is said and waited for", () => {
    const run = new FakeRun(plan({ id: 'large', count: 3 }))
    run.ready(1)
    run.used({ 1: 1.5 * GB })
    run.pause([1])
    run.frozen(1)
    run.used({ 1: 3 * GB })
    run.ready(2)
    expect(run.held(1, 2)).toEqual(['large', undefined])
    expect(run.core.live.lacks).toBe('memory: paused threads hold 3 GB')
    expect(why(run, 1)).toContain('waits for memory: paused threads hold 3 GB.')
    run.command({ verb: 'resumeThreads' })
    run.report({ type: 'thread.thawed', thread: threadNumber(1) })
    run.end(1)
    run.used({ 1: GB / 20, 2: GB / 20 })
    expect(run.held(1, 2)).toContain('large')
  })
})

describe('what items take', () => {
  test('stands in their events and is expected of the next', () => {
    const run = new FakeRun(plan({ id: 'small', count: 12 }))
    // Every item leaves a clean process behind, and takes long enough for that to be looked at.
    run.itemMs = 100
    run.core.eye = { ...CLOSED_EYE, usedNow: () => bytes(0) }
    run.ready(1)
    for (let item = 0; item < 3; item += 1) {
      run.used({ 1: GB })
      run.end(1)
    }
    expect(run.all('items.succeeded').map(({ peaks }) => peaks)).toEqual([[GB], [GB], [GB]])
    run.used({ 1: GB })
    expect(run.core.live.threads[0]?.held?.expected).toBeGreaterThan(0.9 * GB)
  })

  test('is not told where it lived in what the item before left', () => {
    const run = new FakeRun(plan({ id: 'small', count: 12 }))
    run.ready(1)
    for (let item = 0; item < 2; item += 1) {
      run.used({ 1: GB })
      run.end(1)
    }
    expect(run.all('items.succeeded').map(({ peaks }) => peaks)).toEqual([[GB], undefined])
  })
})

test('what an item left is collected before the next where it would be in its way, but what no collection frees only once', () => {
  const run = new FakeRun(plan({ id: 'cached', count: 12 }))
  run.itemMs = 100
  run.core.eye = { ...CLOSED_EYE, usedNow: () => bytes(0.95 * GB) }
  run.ready(1)
  const collected = () => {
    const before = run.toldTo(1).length
    run.used({ 1: 0.95 * GB })
    run.end(1)
    const isAsked = run.toldTo(1).slice(before).includes('reclaim')
    if (isAsked) run.report({ type: 'thread.reclaimed', thread: threadNumber(1), freed: bytes(0), ms: millis(1) })
    return isAsked
  }
  run.core.live.cap = bytes(GB)
  expect([collected(), collected(), collected()]).toEqual([true, false, false])
})
