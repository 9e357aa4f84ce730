/** Threads that come, go, stand still and go on, in the orders that people and accidents find. */
import { expect, test } from 'vitest'
import type { Chunk } from '../../src/model/chunk.ts'
import { itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { Reason } from '../../src/model/reason.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { FakeRun } from '../helpers/fake-run.ts'

const three = () => new FakeRun(buildPlan({ threads: 3, batches: [{ id: 'a', count: 9 }], batchSize: 1 }))

test('a thread that was ending when it was wanted again starts anew, also below one that stayed', () => {
  const run = new FakeRun(
    buildPlan({
      threads: 3,
      batches: [
        { id: 'a', count: 3 },
        { id: 'b', count: 3, needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] },
      ],
    }),
  )
  run.ready(1, 2, 3)
  run.end(2)
  run.command({ verb: 'setThreads', to: 1 })
  expect(run.told.at(-1)).toBe('2 stop')
  run.command({ verb: 'setThreads', to: 3 })
  run.stopped(2)
  run.end(1)
  run.end(3)
  expect(run.told.filter((line) => line === '2 start')).toHaveLength(2)
  run.ready(2)
  expect(run.held(1, 2, 3)).toEqual(['b', 'b', 'b'])
})

test('resume reaches the frozen item of a thread that is to go', () => {
  const run = three()
  run.ready(1, 2, 3)
  run.command({ verb: 'pauseThreads', drain: false })
  for (const thread of [1, 2, 3]) run.frozen(thread)
  run.command({ verb: 'setThreads', to: 2 })
  run.command({ verb: 'resumeThreads' })
  expect(run.told).toContain('3 thaw')
})

test('a thread that is to go goes, although it was to pause after its item', () => {
  const run = three()
  run.ready(1, 2, 3)
  run.pause([3], { drain: true })
  run.command({ verb: 'setThreads', to: 2 })
  run.end(3)
  expect(run.told.at(-1)).toBe('3 stop')
})

test('a pause is answered although the item it waited for was the last of a thread that goes', () => {
  const run = three()
  run.ready(1, 2, 3)
  run.command({ verb: 'setThreads', to: 2 })
  const pause = run.command({ verb: 'pauseThreads', drain: false })
  run.frozen(1)
  run.frozen(2)
  expect(pause.answer).toBeUndefined()
  run.end(3)
  run.stopped(3)
  expect(pause.answer).toMatchObject({ ok: true })
})

test('stop ends the item of a thread that is about to freeze, and the freeze with it', () => {
  const run = three()
  run.ready(1, 2, 3)
  run.pause([1])
  run.command({ verb: 'stopRun', isNow: false })
  expect(run.told.filter((line) => line.startsWith('1')).slice(-2)).toEqual(['1 thaw', '1 interrupt'])
})

test('nothing follows the last event, not even a TERM', () => {
  const run = new FakeRun(buildPlan({ threads: 1, batches: [{ id: 'a', count: 1 }] }))
  run.ready(1)
  run.end(1)
  run.post({ type: 'stop', isNow: true })
  expect(run.events.at(-1)).toMatchObject({ type: 'run.finished', exit: 0 })
})

test.for(['running', 'frozen', 'retiring', 'draining'])(
  'a %s thread that is lost costs its item one more run, and the run still ends',
  (before) => {
    const run = new FakeRun(buildPlan({ threads: 2, batches: [{ id: 'a', count: 2 }] }))
    run.ready(1, 2)
    if (before === 'frozen') {
      run.pause([2])
      run.frozen(2)
    }
    if (before === 'retiring') run.command({ verb: 'setThreads', to: 1 })
    if (before === 'draining') run.pause([2], { drain: true })
    run.lose(2)
    run.end(1)
    run.end(1)
    expect(run.isFinished).toBe(true)
    expect(run.events.at(-1)).toMatchObject({ succeeded: 2, exit: 0 })
  },
)

test('an item whose frozen process dies took no less than no time', () => {
  const run = new FakeRun(buildPlan({ threads: 1, batches: [{ id: 'a', count: 5 }], batchSize: 2 }))
  run.ready(1)
  run.end(1)
  const { id: chunk, items } = run.chunk(1) as Chunk
  expect(items).toEqual([1, 2])
  run.core.state.losses.set(itemIndex(2), 2)
  run.pause([1])
  run.frozen(1)
  // What the process said before it stood still is heard only now.
  run.now += 5
  const thread = threadNumber(1)
  run.report({ type: 'items.succeeded', thread, chunk, from: 0, ms: [1] })
  const reason: Reason = { kind: 'lost', message: 'gone' }
  run.report({ type: 'thread.lost', thread, reason, chunk, running: 1, orphaned: [] })
  expect(run.events.find(({ type }) => type === 'item.failed')).toMatchObject({ item: 2, ms: 0 })
})
