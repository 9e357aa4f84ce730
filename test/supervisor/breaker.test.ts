import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { batchIndex, itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import { wallTime } from '../../src/model/units.ts'
import type { RunState } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, opened, recovery, runOf } from '../helpers/facts.ts'
import { FakeRun } from '../helpers/fake-run.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const WAIT = 60_000

/** Half of the last two. */
const plan = buildPlan({
  threads: 2,
  batches: [{ id: 'api', count: 9, breaker: { failures: 0.5, of: 2, wait: WAIT } }],
})

function begun(of: Plan = plan, state?: RunState): FakeRun {
  const run = new FakeRun(of, state ? { state } : {})
  run.ready(1, 2)
  run.sync()
  return run
}

function pass(run: FakeRun, ms: number): void {
  run.now += ms
  vi.advanceTimersByTime(ms)
  run.sync()
}

/** Two attempts fail: nothing runs any more. */
function broken(): FakeRun {
  const run = begun()
  run.end(1, 'fail')
  run.end(2, 'fail')
  run.end(1)
  return run
}

describe('a batch of which too many attempts fail', () => {
  test('stands still for its time, while what was under way goes on', () => {
    const run = begun()
    run.end(1, 'fail')
    expect(run.held(1)).toEqual(['api'])
    run.end(2, 'fail')
    expect(run.all('breaker.opened')).toEqual([
      { type: 'breaker.opened', batch: 0, failures: 2, of: 2, until: 1000 + WAIT },
    ])
    expect(run.held(1, 2)).toEqual(['api', undefined])
    run.end(1)
    pass(run, WAIT - 1)
    expect(run.held(1, 2)).toEqual([undefined, undefined])
    expect(run.all('breaker.closed')).toEqual([])
  })

  test('goes on whatever comes first when its time is over: its timer or anything else', () => {
    const run = broken()
    pass(run, WAIT - 1)
    // Timers come a moment late.
    run.now += 1
    run.post({ type: 'glanced', threads: [] })
    run.sync()
    expect(run.held(1, 2).filter(Boolean)).toEqual(['api'])
  })

  test('goes on where its time comes in the middle of a turn', () => {
    const run = broken()
    run.now += WAIT - 1
    let looks = 0
    // Every look at the clock takes its time.
    vi.spyOn(run.core.clock, 'now').mockImplementation(() => wallTime(run.now + Math.floor(looks++ / 3)))
    run.post({ type: 'glanced', threads: [] })
    vi.restoreAllMocks()
    run.now += 2
    vi.advanceTimersByTime(WAIT + 2)
    run.sync()
    expect(run.held(1, 2).filter(Boolean)).toEqual(['api'])
  })

  test('takes back what threads have not begun', () => {
    const breaker = { failures: 0.5, of: 2, wait: WAIT }
    const run = begun(buildPlan({ threads: 2, batches: [{ id: 'api', count: 400, breaker }] }))
    run.end(1)
    expect(run.chunk(1)?.items.length).toBeGreaterThan(1)
    run.end(2, 'fail')
    expect([run.all('breaker.opened').length, run.toldTo(1).at(-1)]).toEqual([1, 'takeBack'])
  })

  test('then one item tries alone, and all go on when it succeeds', () => {
    const run = broken()
    pass(run, WAIT)
    expect([run.chunk(1)?.items.length, run.chunk(2)]).toEqual([1, undefined])
    run.end(1)
    expect(run.all('breaker.closed')).toEqual([{ type: 'breaker.closed', batch: 0 }])
    expect(run.held(1, 2)).toEqual(['api', 'api'])
  })

  test('and waits once more when it fails', () => {
    const run = broken()
    pass(run, WAIT)
    run.end(1, 'fail')
    expect(run.all('breaker.opened').at(-1)).toMatchObject({ failures: 1, of: 1, until: 1000 + 2 * WAIT })
    expect(run.held(1, 2)).toEqual([undefined, undefined])
    pass(run, WAIT)
    run.end(1)
    expect(run.held(1, 2)).toEqual(['api', 'api'])
  })

  test('lets another try where the one that tried came to no end that counts', () => {
    const run = broken()
    pass(run, WAIT)
    run.lose(1)
    expect(run.chunk(2)?.items.length).toBe(1)
    expect([run.all('breaker.opened').length, run.all('breaker.closed').length]).toEqual([1, 0])
    run.end(2)
    expect(run.all('breaker.closed').length).toBe(1)
  })

  test('may be told to go on at once', () => {
    const run = broken()
    const { answer } = run.command({ verb: 'resumeThreads', batch: 'api' })
    expect(answer).toMatchObject({ ok: true, message: 'Resumed batch api, whose breaker was open.' })
    expect(run.held(1, 2)).toEqual(['api', 'api'])
    expect(run.command({ verb: 'resumeThreads', batch: 'api' }).answer).toMatchObject({ ok: false, code: 'not-paused' })
  })

  test('goes on at once when a person retries one of its items', () => {
    const run = broken()
    run.command({ verb: 'retryItems', items: [itemIndex(0)] })
    run.sync()
    expect(run.all('breaker.closed').length).toBe(1)
    expect(run.held(1, 2)).toEqual(['api', 'api'])
  })

  test('does not go on with a resume of everything', () => {
    const run = broken()
    run.pause([1])
    run.sync()
    run.frozen(1)
    run.command({ verb: 'resumeThreads' })
    run.report({ type: 'thread.thawed', thread: threadNumber(1) })
    expect(run.held(1, 2)).toEqual([undefined, undefined])
  })
})

test('the rest of the plan goes on meanwhile', () => {
  const run = begun(
    buildPlan({
      threads: 2,
      batches: [
        { id: 'api', count: 6, breaker: { failures: 1, of: 1, wait: WAIT } },
        { id: 'other', count: 6 },
      ],
    }),
  )
  run.end(1, 'fail')
  run.end(2)
  expect(run.held(1, 2)).toEqual(['other', 'other'])
})

describe('after a crash', () => {
  const before = [chunk(0, [0, 1]), failed(0), failed(1)]

  test('an open breaker stays open until its time', () => {
    const run = begun(plan, runOf(plan, [...before, opened(0, 1000 + WAIT), recovery(plan)]))
    expect(run.held(1, 2)).toEqual([undefined, undefined])
    pass(run, WAIT)
    expect(run.chunk(1)?.items.length).toBe(1)
  })

  test('what the failures meant is said where nobody had said it', () => {
    const run = begun(plan, runOf(plan, [...before, recovery(plan)]))
    expect(run.all('breaker.opened').length).toBe(1)
  })
})

test('a run that is stopped does not wait for it', () => {
  const run = broken()
  run.command({ verb: 'stopRun', isNow: false })
  run.sync()
  expect(run.isFinished).toBe(true)
  expect(run.events.at(-1)).toMatchObject({ outcome: 'stopped', left: 5 })
})

test('a batch whose last item failed has nothing left to hold back', () => {
  const run = begun(
    buildPlan({ threads: 2, batches: [{ id: 'a', count: 2, breaker: { failures: 1, of: 2, wait: WAIT } }] }),
  )
  run.end(1, 'fail')
  run.end(2, 'fail')
  expect(run.all('breaker.opened')).toEqual([])
  expect(run.all('batch.finished')).toMatchObject([{ batch: batchIndex(0), failed: 2 }])
})
