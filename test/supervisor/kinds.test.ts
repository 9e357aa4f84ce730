/** Which threads get a host for task modules and which a shell for commands, and when that changes. */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Reason } from '../../src/model/reason.ts'
import type { BatchSpec } from '../helpers/build-plan.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { FakeRun } from '../helpers/fake-run.ts'
import { ModelThread } from '../helpers/model-thread.ts'
import { failItem } from '../helpers/reports.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const fake = (batches: readonly BatchSpec[], threads = 1) => new FakeRun(buildPlan({ threads, batches, batchSize: 1 }))

function later(run: FakeRun, ms: number): void {
  run.now += ms
  vi.advanceTimersByTime(ms)
}

const HEAP: Reason = { kind: 'memory', message: 'its memory was needed' }

test('as many shells are started as there are commands, and as many hosts as there are task modules', () => {
  const plan = [
    { id: 'modules', count: 1 },
    { id: 'commands', count: 2, run: 'true' },
  ]
  expect(fake(plan, 4).told).toEqual(['1 start', '2 start command', '3 start command'])
})

test('no more shells are started than may run commands of their batch at once', () => {
  expect(fake([{ id: 'a', count: 9, parallel: 2, run: 'true' }], 4).told).toEqual([
    '1 start command',
    '2 start command',
  ])
})

describe('a free thread', () => {
  test('gets a process of the other kind where that is what there is to do', () => {
    const run = fake([
      { id: 'modules', count: 1 },
      { id: 'commands', count: 1, run: 'true', needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] },
      { id: 'more', count: 1, needs: [{ kind: 'batch', index: 1, when: 'succeeded' }] },
    ])
    run.ready(1)
    run.end(1)
    expect(run.toldTo(1)).toEqual(['start', 'run', 'renew command'])
    expect(run.held(1)).toEqual([undefined])
    run.ready(1)
    expect(run.held(1)).toEqual(['commands'])
    run.end(1)
    run.ready(1)
    expect(run.held(1)).toEqual(['more'])
  })

  test('keeps its process where another has one of the kind that is asked for', () => {
    const run = fake(
      [
        { id: 'modules', count: 2 },
        { id: 'commands', count: 1, run: 'true', attempts: 2 },
      ],
      3,
    )
    run.ready(1, 2, 3)
    run.end(3, 'fail')
    run.end(1)
    later(run, 60_000)
    expect(run.held(1, 2, 3)).toEqual([undefined, 'modules', 'commands'])
    expect(run.toldTo(1)).toEqual(['start', 'run'])
  })

  test('keeps its process where one of the other kind is on its way for all there is', () => {
    const run = fake(
      [
        { id: 'commands', count: 1, run: 'true', needs: [{ kind: 'batch', index: 1, when: 'succeeded' }] },
        { id: 'first', count: 1 },
        { id: 'modules', count: 9 },
      ],
      2,
    )
    run.ready(1, 2)
    run.end(1)
    run.end(2)
    expect(run.told.at(-1)).toBe('2 renew command')
    run.end(1)
    expect(run.held(1, 2)).toEqual(['modules', undefined])
  })

  test('that got a process for commands does them before it changes again, also where task modules come first', () => {
    const run = fake([
      { id: 'urgent', count: 1, attempts: 2 },
      { id: 'commands', count: 2, run: 'true' },
    ])
    run.ready(1)
    run.end(1, 'fail')
    expect(run.toldTo(1).at(-1)).toBe('renew command')
    later(run, 60_000)
    run.ready(1)
    expect(run.held(1)).toEqual(['commands'])
    run.end(1)
    expect(run.toldTo(1).at(-1)).toBe('renew')
    run.ready(1)
    expect(run.held(1)).toEqual(['urgent'])
  })
})

describe('a command that failed for memory', () => {
  test('runs again on the shell that is there', () => {
    const run = fake([{ id: 'a', count: 1, run: 'true' }])
    run.ready(1)
    failItem(run, 1, { reason: HEAP })
    later(run, 200)
    expect(run.toldTo(1)).toEqual(['start command', 'run', 'run'])
    expect(run.all('thread.replaced')).toEqual([])
  })

  test('has had its chance where it met the cap: nothing else was in its processes', () => {
    const run = fake([{ id: 'a', count: 2, run: 'true' }])
    run.ready(1)
    run.end(1)
    failItem(run, 1, { reason: { ...HEAP, cap: run.core.live.cap } })
    expect(run.all('item.failed')).toMatchObject([{ item: 1, reason: { kind: 'memory', wasAlone: true } }])
  })
})

test('a task module that failed for memory has a shell replaced by a host of its own', () => {
  const run = fake(
    [
      { id: 'modules', count: 1 },
      { id: 'commands', count: 1, run: 'true' },
    ],
    2,
  )
  run.ready(1, 2)
  run.end(2)
  run.pause([1], { drain: true })
  failItem(run, 1, { reason: HEAP })
  later(run, 200)
  expect(run.toldTo(2).at(-1)).toBe('renew')
  run.ready(2)
  expect(run.core.live.threads[1]?.held).toMatchObject({ isAlone: true })
})

describe('in plans of both kinds', () => {
  const batch = fc.record(
    {
      count: fc.integer({ min: 1, max: 4 }),
      parallel: fc.integer({ min: 1, max: 2 }),
      threads: fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
      threadsOnly: fc.boolean(),
      run: fc.constant('true'),
      needs: fc.constant([{ kind: 'batch', index: 0, when: 'ended' }] as const),
    },
    { requiredKeys: ['count'] },
  )
  const plans = fc.array(batch, { minLength: 2, maxLength: 5 }).map((list) => {
    return list.map((one, place) => ({ ...one, id: String(place), needs: place === 0 ? [] : (one.needs ?? []) }))
  })
  const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.nat(9)), {
    minLength: 20,
    maxLength: 60,
    size: 'max',
  })

  test('all is done, and nobody changes twice while nothing gets on', () => {
    fc.assert(
      fc.property(plans, steps, (batches, list) => {
        const { run, models, changes } = watched(batches)
        const turn = (thread: number, choice: number) => {
          const able = models[thread]?.steps().filter((step) => !['die', 'fail', 'overflow'].includes(step)) ?? []
          const step = able[choice % Math.max(1, able.length)]
          if (step) models[thread]?.step(step)
          run.sync()
        }
        for (const [thread, choice] of list) turn(thread, choice)
        for (let round = 0; round < 600 && !run.isFinished; round += 1) turn(round % 3, 0)
        expect(run.events.at(-1)).toMatchObject({ type: 'run.finished', left: 0, failed: 0 })
        const idle = changes.filter((change, place) => changes.indexOf(change) < place)
        expect(idle).toEqual([])
      }),
      { numRuns: 300, seed: 4 },
    )
  })
})

/** Three model threads. `changes`: which thread got another process, and how many chunks had been handed out by then. */
function watched(batches: readonly BatchSpec[]) {
  const models: ModelThread[] = []
  const changes: string[] = []
  const run = new FakeRun(buildPlan({ threads: 3, batches, batchSize: 1 }), {
    createThread: (number, self) => {
      const model = new ModelThread(number, (report) => self.report(report))
      const renew = model.renew.bind(model)
      model.renew = (kind) => {
        changes.push(`${number} after ${self.all('chunk.started').length}`)
        renew(kind)
      }
      models[number - 1] = model
      return model
    },
  })
  return { run, models, changes }
}
