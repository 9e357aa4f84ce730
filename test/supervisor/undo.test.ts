import { describe, expect, test } from 'vitest'
import { itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { CommandWork, Plan } from '../../src/model/plan.ts'
import type { Reason } from '../../src/model/reason.ts'
import { millis } from '../../src/model/units.ts'
import type { RunState } from '../../src/run/state.ts'
import type { BatchSpec } from '../helpers/build-plan.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, recovery, runOf, undone } from '../helpers/facts.ts'
import { FakeRun } from '../helpers/fake-run.ts'

const EXIT: Reason = { kind: 'exit', message: 'exit 1', code: '1' }

function planOf(...batches: readonly BatchSpec[]): Plan {
  return buildPlan({ threads: 1, batchSize: 1, batches })
}

/** Its items are commands as well: a thread never changes its kind. */
const plan = planOf({ id: 'a', count: 4, run: 'make it', undo: 'rm -f it' })

function begun(of: Plan, { threads = [1], state }: { threads?: readonly number[]; state?: RunState } = {}): FakeRun {
  const run = new FakeRun(of, state ? { state } : {})
  run.ready(...threads)
  run.sync()
  return run
}

/** What a thread runs, such as `undo a-001`. */
function runs(run: FakeRun, thread = 1): string | undefined {
  const { held } = run.core.live.threads[thread - 1] ?? {}
  return held && `${held.isUndo ? 'undo ' : ''}${held.chunk.names.join(' ')}`
}

const undoneItems = (run: FakeRun) => run.all('item.undone').map(({ item }) => item)

describe('an item that has failed for good', () => {
  test('is undone before anything else, by the command of its batch', () => {
    const run = begun(plan)
    run.end(1, 'fail')
    expect(runs(run)).toBe('undo a-001')
    expect(run.chunk(1)).toMatchObject({
      items: [0],
      attempts: [1],
      batch: { id: 'a', work: plan.batches[0]?.undo as CommandWork },
    })
    run.end(1)
    expect(run.all('item.undone')).toEqual([{ type: 'item.undone', item: 0, thread: 1, ms: 1 }])
    expect(runs(run)).toBe('a-002')
  })

  test('is not undone while it is tried again', () => {
    const run = begun(planOf({ id: 'a', count: 1, run: 'make it', undo: 'rm -f it', attempts: 2 }))
    run.end(1, 'fail')
    expect(runs(run)).toBeUndefined()
  })

  test('is undone on a thread that ran task modules, which gets a shell for it', () => {
    const run = begun(planOf({ id: 'a', count: 2, undo: 'rm -f it' }))
    run.end(1, 'fail')
    expect([run.toldTo(1), runs(run)]).toEqual([['start', 'run', 'renew command'], undefined])
    run.ready(1)
    expect(runs(run)).toBe('undo a-001')
    run.end(1)
    run.ready(1)
    expect(runs(run)).toBe('a-002')
  })

  test('has its undo said to have failed, with the reason, and once', () => {
    const run = begun(plan)
    run.end(1, 'fail')
    run.end(1, 'fail')
    expect(run.all('item.undone')).toMatchObject([{ item: 0, reason: { kind: 'threw' } }])
    expect(runs(run)).toBe('a-002')
    expect(run.core.state.batches[0]?.applied.failed).toBe(1)
  })

  test('is undone although its batch is ended then: what needs that waits for it', () => {
    const need = { kind: 'batch', index: 0, when: 'ended' } as const
    const run = begun(
      planOf({ id: 'a', count: 1, run: 'x', undo: 'y' }, { id: 'b', count: 1, run: 'x', needs: [need] }),
    )
    run.end(1, 'fail')
    expect([runs(run), run.all('batch.finished')]).toEqual(['undo a-001', []])
    run.end(1)
    expect(run.all('batch.finished').length).toBe(1)
    expect(runs(run)).toBe('b-001')
    run.end(1)
    expect(run.isFinished).toBe(true)
  })

  test('is undone before the next phase begins, and that only once it is on disk', () => {
    const phased = buildPlan({
      threads: 1,
      phases: ['one', 'two'],
      batches: [
        { id: 'a', count: 1, phase: 0, run: 'x', undo: 'y' },
        { id: 'b', count: 1, phase: 1, run: 'x' },
      ],
    })
    const run = begun(phased)
    run.end(1, 'fail')
    const { id } = run.chunk(1) ?? { id: 0 }
    run.report({ type: 'items.succeeded', thread: threadNumber(1), chunk: id, from: 0, ms: [1] })
    run.report({ type: 'chunk.ended', thread: threadNumber(1), chunk: id })
    expect(runs(run)).toBeUndefined()
    run.sync()
    expect(runs(run)).toBe('b-001')
  })
})

const failures = (batch: number, items: readonly number[]) => [
  chunk(batch, items),
  ...items.map((item) => failed(item)),
]

function recovered(of: Plan, items: readonly number[], threads: readonly number[] = [1]): FakeRun {
  return begun(of, { threads, state: runOf(of, [...failures(0, items), recovery(of)]) })
}

describe('several that have failed', () => {
  const three = { id: 'a', count: 3, run: 'x', undo: 'y' }
  test('are undone one after another, the newest failure first', () => {
    const run = recovered(planOf(three), [1, 2, 0])
    for (const name of ['a-001', 'a-003', 'a-002']) {
      expect(runs(run)).toBe(`undo ${name}`)
      run.end(1)
    }
    expect(run.isFinished).toBe(true)
  })

  test('are undone one at a time in their batch, while other threads work', () => {
    const run = recovered(buildPlan({ threads: 2, batchSize: 1, batches: [{ ...three, count: 4 }] }), [0, 1], [1, 2])
    expect([runs(run, 1), runs(run, 2)]).toEqual(['undo a-002', 'a-003'])
    run.end(2)
    expect(runs(run, 2)).toBe('a-004')
  })

  test('are undone side by side where their batches differ', () => {
    const of = buildPlan({ threads: 2, batches: [three, { ...three, id: 'b' }] })
    const run = begun(of, {
      threads: [1, 2],
      state: runOf(of, [...failures(0, [0, 1, 2]), ...failures(1, [3, 4, 5]), recovery(of)]),
    })
    expect([runs(run, 1), runs(run, 2)]).toEqual(['undo a-003', 'undo b-003'])
  })

  test('count among those that may run at once', () => {
    const of = buildPlan({ threads: 2, batchSize: 1, batches: [{ ...three, count: 4, parallel: 1 }] })
    const run = begun(of, { threads: [1, 2] })
    run.end(1, 'fail')
    expect([runs(run, 1), runs(run, 2)]).toEqual(['undo a-001', undefined])
  })

  test('wait for a batch that a person paused', () => {
    const run = recovered(planOf({ ...three, count: 4 }), [])
    run.command({ verb: 'pauseThreads', batch: 'a', drain: true })
    run.sync()
    run.end(1, 'fail')
    expect(runs(run)).toBeUndefined()
    run.command({ verb: 'resumeThreads' })
    run.sync()
    expect(runs(run)).toBe('undo a-001')
  })
})

/** Its process dies. */
const lose = (run: FakeRun) => {
  run.lose(1)
  run.ready(1)
  run.sync()
}

describe('an undo that does not come to its end', () => {
  test('is begun again, and given up the third time it loses its process', () => {
    const run = begun(plan)
    run.end(1, 'fail')
    lose(run)
    expect([runs(run), undoneItems(run)]).toEqual(['undo a-001', []])
    lose(run)
    lose(run)
    expect(run.all('item.undone')).toMatchObject([{ item: 0, reason: { kind: 'lost' } }])
    expect(runs(run)).toBe('a-002')
  })

  test('is begun again after a crash of the supervisor', () => {
    const before = begun(plan)
    before.end(1, 'fail')
    expect(runs(before)).toBe('undo a-001')
    const run = begun(plan, { state: runOf(plan, [...before.events, recovery(plan)]) })
    expect(runs(run)).toBe('undo a-001')
    run.end(1)
    expect(undoneItems(run)).toEqual([0])
  })

  test('goes on in a run that is stopped, and what waits behind it is left for a recovery', () => {
    const of = planOf({ id: 'a', count: 2, run: 'x', undo: 'y' })
    const run = begun(of, { state: runOf(of, [chunk(0, [0, 1]), failed(0), failed(1), recovery(of)]) })
    run.command({ verb: 'stopRun', isNow: false })
    expect([runs(run), run.toldTo(1).includes('interrupt')]).toEqual(['undo a-002', false])
    run.end(1)
    expect([undoneItems(run), run.isFinished]).toEqual([[1], true])
    expect(run.events.at(-1)).toMatchObject({ outcome: 'stopped', failed: 2, left: 1, exit: 3 })
  })

  test('is ended by a stop that does not wait, and is due again', () => {
    const run = begun(plan)
    run.end(1, 'fail')
    run.command({ verb: 'stopRun', isNow: true })
    expect(run.toldTo(1)).toContain('interrupt')
    const { id } = run.chunk(1) ?? { id: 0 }
    run.report({ type: 'items.interrupted', thread: threadNumber(1), chunk: id, places: [0] })
    run.report({ type: 'chunk.ended', thread: threadNumber(1), chunk: id })
    run.sync()
    expect([undoneItems(run), run.core.state.batches[0]?.toUndo]).toEqual([[], [0]])
    expect(run.events.at(-1)).toMatchObject({ outcome: 'stopped', left: 4 })
  })

  test('may be ended by a person', () => {
    const run = begun(plan)
    run.end(1, 'fail')
    const { answer } = run.command({ verb: 'endItem', item: itemIndex(0), isNow: false })
    expect(answer).toMatchObject({ message: 'Ending the undo of a-001, attempt 1.' })
    const { id } = run.chunk(1) ?? { id: 0 }
    const reason: Reason = { kind: 'user', message: 'ended by a person' }
    const result = { ok: false, place: 0, ms: millis(5), reason, isRetryable: true } as const
    run.report({ type: 'items.ended', thread: threadNumber(1), chunk: id, results: [result] })
    expect(run.all('item.undone')).toEqual([{ type: 'item.undone', item: 0, thread: 1, ms: 5, reason }])
  })
})

describe('a person’s retry', () => {
  const two = planOf({ id: 'a', count: 3, run: 'x', undo: 'y' })
  const begin = () => begun(two, { state: runOf(two, [chunk(0, [0, 1]), failed(0), failed(1), recovery(two)]) })

  test('takes back an undo that has not begun', () => {
    const run = begin()
    expect(runs(run)).toBe('undo a-002')
    run.command({ verb: 'retryItems', items: [itemIndex(0)] })
    run.end(1)
    expect([undoneItems(run), runs(run)]).toEqual([[1], 'a-001'])
  })

  test('of what is being undone has to wait', () => {
    const run = begin()
    const { answer } = run.command({ verb: 'retryItems', items: [itemIndex(1)] })
    expect(answer).toMatchObject({ ok: false, code: 'undoing', message: 'a-002 is being undone right now.' })
    run.end(1)
    run.end(1)
    expect(run.command({ verb: 'retryItems', items: [itemIndex(1)] }).answer).toMatchObject({ ok: true })
    expect(run.core.state.undone.has(itemIndex(1))).toBe(false)
  })

  test('of all leaves that one out and says so', () => {
    const run = begin()
    const { answer } = run.command({ verb: 'retryItems', items: 'failed' })
    expect(answer).toMatchObject({
      ok: true,
      message: 'a-001 is back in the queue. a-002 is being undone right now and can be retried once that is over.',
    })
  })

  test('of an item that was undone makes it fail and be undone anew', () => {
    const run = begun(two, { state: runOf(two, [chunk(0, [0]), failed(0), undone(0, EXIT), recovery(two)]) })
    run.command({ verb: 'retryItems', items: 'failed' })
    run.sync()
    for (let turn = 0; turn < 3; turn += 1) run.end(1, runs(run) === 'a-001' ? 'fail' : 'succeed')
    expect(undoneItems(run)).toEqual([0])
    expect(run.core.state.undone.get(itemIndex(0))).toEqual({})
  })
})

test('what undoes waits as long as the breaker of its batch is open, and no longer', () => {
  const of = planOf({ id: 'a', count: 2, run: 'x', undo: 'y', breaker: { failures: 1, of: 1, wait: 500 } })
  const run = begun(of)
  run.end(1, 'fail')
  expect(runs(run)).toBeUndefined()
  run.now += 500
  run.post({ type: 'due' })
  expect(runs(run)).toBe('undo a-001')
})
