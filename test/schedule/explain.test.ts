import { describe, expect, test } from 'vitest'
import { batchIndex, itemIndex } from '../../src/model/ids.ts'
import type { Reason } from '../../src/model/reason.ts'
import { bytes, wallTime } from '../../src/model/units.ts'
import { releaseDue } from '../../src/run/reduce/chunks.ts'
import type { RunState } from '../../src/run/state.ts'
import type { Moment } from '../../src/schedule/explain.ts'
import { explainItem } from '../../src/schedule/explain.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, live, retrying, runOf, succeeded } from '../helpers/facts.ts'

const plan = buildPlan({
  batches: [
    { id: 'a', count: 3, attempts: 2 },
    { id: 'b', count: 1, needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] },
  ],
})

test.each([
  ['succeeded', 0, [chunk(0, [0]), succeeded(0, [0])], {}, ['a-001 succeeded at attempt 1.']],
  ['failed', 0, [chunk(0, [0]), failed(0)], {}, ['a-001 failed for good after 1 attempt: threw: broken.']],
  [
    'in backoff',
    0,
    [chunk(0, [0]), retrying(0, 9000)],
    { dueIn: 3.2 },
    ['a-001 failed attempt 1 of 2 (threw: broken) and tries again in 4 s.'],
  ],
  ['running', 0, [chunk(0, [0])], { thread: 2 }, ['a-001 runs on thread 2, attempt 1.']],
  ['next in a chunk', 1, [chunk(0, [0, 1])], { thread: 2, isNext: true }, ['a-002 is next on thread 2.']],
  [
    'on a thread the governor paused',
    0,
    [chunk(0, [0])],
    { thread: 2, pausedBy: 'governor' },
    ['a-001 runs on thread 2, attempt 1.', 'The governor paused thread 2 to save memory.'],
  ],
  [
    'on a thread a person paused',
    1,
    [chunk(0, [0, 1])],
    { thread: 2, isNext: true, pausedBy: 'user' },
    ['a-002 is next on thread 2.', 'Thread 2 is paused.'],
  ],
  [
    'kept back by memory',
    2,
    [],
    { memory: 'its batch takes 1.2 GB an item, 0.8 GB are left' },
    ['a-003 waits for memory: its batch takes 1.2 GB an item, 0.8 GB are left.'],
  ],
  ['blocked', 3, [], {}, ['b-001 waits: batch b needs a first.']],
  ['queued', 2, [], {}, ['a-003 is in the queue: its batch a is next in the order of work.']],
  ['queued while all is paused', 2, [], { paused: 2, threads: 2 }, ['All threads are paused.']],
] as const)('an item that is %s says so', (_, item, events, moment, lines) => {
  expect(explainItem(runOf(plan, events), itemIndex(item), moment)).toEqual(lines)
})

const why = (state: RunState, moment: Moment = {}) => explainItem(state, itemIndex(0), moment)

describe('an item that failed for memory', () => {
  const reason: Reason = { kind: 'memory', message: 'it took 2.1 of 2 GB', peak: bytes(2.1 * 2 ** 30) }
  const tried = () => runOf(plan, [chunk(0, [0]), retrying(0, 900, { reason })])
  const behind = 'It failed for memory 1 of 3 times: it took 2.1 of 2 GB.'

  test('says how many of its tries for memory are used, wherever it is', () => {
    const state = tried()
    const waits = 'a-001 failed for memory, 1 of 3 times (it took 2.1 of 2 GB), and tries again in 1 s.'
    expect(why(state, { dueIn: 0.5 })).toEqual([waits])
    releaseDue(state, wallTime(1000))
    expect(why(state)).toEqual(['a-001 is in the queue: its batch a is next in the order of work.', behind])
    live(state, [chunk(0, [0])])
    expect(why(state, { thread: 2 })).toEqual(['a-001 runs on thread 2, attempt 2.', behind])
  })

  test('does not count them among those of its batch, and says nothing of them once it has failed for good', () => {
    const state = live(tried(), [chunk(0, [0]), retrying(0, 900)])
    expect(why(state)).toEqual(['a-001 failed attempt 1 of 2 (threw: broken) and tries again.'])
    live(state, [chunk(0, [0]), failed(0, { reason })])
    expect(why(state)).toEqual(['a-001 failed for good after 3 attempts: memory: it took 2.1 of 2 GB.'])
  })
})

test('a skipped item names the need that failed', () => {
  const state = runOf(plan, [
    { type: 'items.skipped', batch: batchIndex(1), items: 'rest', count: 1, because: { kind: 'need', id: 'a' } },
  ])
  expect(explainItem(state, itemIndex(3))).toEqual(['b-001 was skipped: it needs a, which did not succeed.'])
})

const runs = (run: string) => buildPlan({ batches: [{ id: 'a', count: 3, run }] })

describe('an item of command work', () => {
  test('says what it runs, and how that ended without saying it twice', () => {
    const state = runOf(runs('make all'), [chunk(0, [0])])
    expect(why(state, { thread: 2 })).toEqual(['a-001 runs on thread 2, attempt 1.', 'Command: make all'])
    live(state, [failed(0, { reason: { kind: 'signal', message: 'ended by SIGSEGV', code: 'SIGSEGV' } })])
    expect(why(state)).toEqual(['a-001 failed for good after 1 attempt: ended by SIGSEGV.', 'Command: make all'])
  })

  test('says what it would run before it does, and what it has run', () => {
    const state = runOf(runs('make all'), [])
    expect(why(state)).toEqual([
      'a-001 is in the queue: its batch a is next in the order of work.',
      'Command: make all',
    ])
    live(state, [chunk(0, [0]), succeeded(0, [0])])
    expect(why(state)).toEqual(['a-001 succeeded at attempt 1.', 'Command: make all'])
  })

  test('shows the beginning of a long script', () => {
    const lines = Array.from({ length: 8 }, (_, line) => `step ${line + 1}`)
    const state = runOf(runs(`${lines.join('\n')}\n`), [chunk(0, [0])])
    expect(why(state, { thread: 1 }).slice(1)).toEqual([
      'Command:',
      ...lines.slice(0, 6).map((line) => `  ${line}`),
      '  … 2 more lines',
    ])
  })
})
