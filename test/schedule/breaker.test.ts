import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../src/model/event.ts'
import type { Batch } from '../../src/model/plan.ts'
import type { Reason } from '../../src/model/reason.ts'
import { wallTime } from '../../src/model/units.ts'
import type { RunState } from '../../src/run/state.ts'
import { batchState } from '../../src/run/state.ts'
import { isShut, judgeBreaker, nextTrial } from '../../src/schedule/breaker.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, live, opened, recovery, retrying, returned, runOf, succeeded } from '../helpers/facts.ts'

const AT = wallTime(1000)
const WAIT = 5000

function planOf(failures: number, of: number) {
  return buildPlan({ batches: [{ id: 'a', count: 200, breaker: { failures, of, wait: WAIT } }] })
}

const verdict = (state: RunState) =>
  judgeBreaker(state.plan.batches[0] as Batch, batchState(state, 0 as never), AT)?.type

const shut = (state: RunState, now: number) => isShut(batchState(state, 0 as never), wallTime(now))

/** Attempts that end one after another: `.` well, `x` badly. */
function attempts(marks: string): RunEvent[] {
  return marks.split('').flatMap((mark, item) => [chunk(0, [item]), mark === '.' ? succeeded(0, [item]) : failed(item)])
}

describe('a breaker that opens at half of the last four attempts', () => {
  const plan = planOf(0.5, 4)

  test.each([
    ['', 'says nothing before anything ran'],
    ['xxx', 'says nothing before it knows four'],
    ['...x', 'stays shut below its share'],
    ['xx..x...', 'looks at the last four only'],
  ])('%s: %s', (marks) => {
    expect(verdict(runOf(plan, attempts(marks)))).toBeUndefined()
  })

  test.each(['..xx', 'xxxx', '......xx', 'x..x'])('%s opens it', (marks) => {
    expect(verdict(runOf(plan, attempts(marks)))).toBe('breaker.opened')
  })

  test('counts successes that are reported together', () => {
    expect(verdict(runOf(plan, [...attempts('xx'), chunk(0, [10, 11]), succeeded(0, [10, 11])]))).toBe('breaker.opened')
    expect(
      verdict(runOf(plan, [...attempts('xx'), chunk(0, [10, 11, 12]), succeeded(0, [10, 11, 12])])),
    ).toBeUndefined()
  })

  test('counts tries that are followed by another', () => {
    const tries = [0, 1, 2, 3].flatMap((item) => [chunk(0, [item]), retrying(item, 9000)])
    expect(verdict(runOf(plan, tries))).toBe('breaker.opened')
  })

  const nothing: readonly [string, (item: number) => RunEvent][] = [
    ['interrupted', (item) => returned(0, [item], 'interrupted')],
    ['given back unstarted', (item) => returned(0, [item], 'untouched')],
    ['evicted', (item) => returned(0, [item], 'evicted', { peak: 5 })],
    ['lost with their process', (item) => returned(0, [item], 'lost')],
    ['failed for memory', (item) => failed(item, { reason: { kind: 'memory', message: '' } })],
    ['lost for good', (item) => failed(item, { reason: { kind: 'lost', message: '' } })],
    ['ended by a person', (item) => failed(item, { reason: { kind: 'user', message: '' } })],
  ]
  test.each(nothing)('attempts that were %s say nothing', (_, end) => {
    const events = [0, 1, 2, 3, 4].flatMap((item) => [chunk(0, [item]), end(item)])
    expect(verdict(runOf(plan, events))).toBeUndefined()
  })

  const kinds: readonly Reason[] = [
    { kind: 'threw', message: '' },
    { kind: 'exit', message: '', code: '1' },
    { kind: 'signal', message: '', code: 'SIGSEGV' },
    { kind: 'output', message: '' },
    { kind: 'timeout', message: '' },
    { kind: 'setup', message: '' },
  ]
  test.each(kinds)('a failure by $kind counts', (reason) => {
    const events = [0, 1, 2, 3].flatMap((item) => [chunk(0, [item]), failed(item, { reason })])
    expect(verdict(runOf(plan, events))).toBe('breaker.opened')
  })
})

describe('an open breaker', () => {
  const plan = planOf(0.5, 4)
  const before = [...attempts('xxxx'), chunk(0, [10]), opened(0, AT + WAIT, 4, 4)]

  test('hears nothing of what was under way when it opened', () => {
    expect(verdict(runOf(plan, [...before, succeeded(0, [10])]))).toBeUndefined()
    expect(verdict(runOf(plan, [...before, failed(10)]))).toBeUndefined()
  })

  test('closes when the one that tries succeeds, and then knows nothing of before', () => {
    const state = runOf(plan, [...before, chunk(0, [11]), failed(10), succeeded(0, [11])])
    expect(verdict(state)).toBe('breaker.closed')
    live(state, [{ type: 'breaker.closed', batch: 0 as never }, ...attempts('').concat(chunk(0, [12]), failed(12))])
    expect(verdict(state)).toBeUndefined()
  })

  test('opens again when the one that tries fails, whatever its share', () => {
    expect(verdict(runOf(plan, [...before, chunk(0, [11]), succeeded(0, [10]), retrying(11, 9000)]))).toBe(
      'breaker.opened',
    )
  })

  test('is shut until its time, also where the machine’s clock was set back meanwhile', () => {
    const state = runOf(plan, before)
    expect([shut(state, AT + WAIT - 1), shut(state, AT + WAIT)]).toEqual([true, false])
    expect(nextTrial(state.batches, AT)).toBe(AT + WAIT)
    expect(nextTrial(state.batches, wallTime(AT + WAIT))).toBeUndefined()
    live(state, [recovery(plan)], { at: 400 })
    expect([shut(state, 400 + WAIT - 1), shut(state, 400 + WAIT)]).toEqual([true, false])
  })
})

test('it opens exactly when so many are known and the share is reached', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 100 }),
      fc.array(fc.boolean(), { maxLength: 40 }),
      (of, percent, ends) => {
        const marks = ends.map((isGood) => (isGood ? '.' : 'x')).join('')
        const last = marks.slice(-of)
        const bad = last.split('x').length - 1
        const isOpen = last.length === of && bad * 100 >= percent * of
        expect(verdict(runOf(planOf(percent / 100, of), attempts(marks)))).toBe(isOpen ? 'breaker.opened' : undefined)
      },
    ),
  )
})
