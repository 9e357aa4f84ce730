/** A person asks for memory back. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { threadNumber } from '../../src/model/ids.ts'
import { bytes, millis } from '../../src/model/units.ts'
import type { FakeRun } from '../helpers/fake-run.ts'
import { GB, look, tightRun } from '../helpers/tight-run.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const reclaimed = (run: FakeRun, thread: number) => {
  run.report({ type: 'thread.reclaimed', thread: threadNumber(thread), freed: bytes(GB), ms: millis(20) })
}

test('every thread is asked, and the answer is what they gave back', () => {
  const run = tightRun()
  look(run, 1)
  const asked = run.command({ verb: 'reclaimMemory' })
  expect(run.told.slice(-2)).toEqual(['1 reclaim', '2 reclaim'])
  reclaimed(run, 1)
  expect(asked.answer).toBeUndefined()
  look(run, 0.25)
  reclaimed(run, 2)
  expect(asked.answer).toMatchObject({ ok: true, message: 'Gave back 1.5 GB: 2 GB → 512 MB.' })
  expect(run.all('governor.acted').map(({ why }) => why)).toEqual(['you asked', 'you asked'])
})

test('who does not come to a tick is not waited for, and is named', () => {
  const run = tightRun()
  look(run, 1)
  const asked = run.command({ verb: 'reclaimMemory' })
  reclaimed(run, 1)
  run.now += 3000
  look(run, 1)
  expect(asked.answer).toMatchObject({
    message: 'Nothing to give back: 2 GB → 2 GB. Thread 2 follows when it comes to a tick, or when the item ends.',
  })
})

test('who dies meanwhile is not waited for either', () => {
  const run = tightRun()
  look(run, 1)
  const asked = run.command({ verb: 'reclaimMemory' })
  reclaimed(run, 1)
  run.lose(2)
  expect(asked.answer).toMatchObject({ ok: true, message: 'Gave back 1 GB: 2 GB → 1 GB.' })
})

test('a process that is replaced for an item of its own was asked for nothing', () => {
  const run = tightRun({ threads: 1, batch: { count: 2 } })
  const head = { thread: threadNumber(1), chunk: run.chunk(1)?.id ?? 0 }
  run.report({ type: 'thread.lost', ...head, reason: { kind: 'memory', message: 'full' }, running: 0, orphaned: [] })
  run.ready(1)
  look(run, 0)
  run.command({ verb: 'reclaimMemory' })
  run.lose(1)
  run.ready(1)
  look(run, 0)
  run.command({ verb: 'reclaimMemory' })
  expect(run.toldTo(1).filter((verb) => verb === 'reclaim')).toHaveLength(2)
})

test('where no thread is there nothing is to give back', () => {
  const run = tightRun({ threads: 1, batch: { count: 1 } })
  run.lose(1)
  expect(run.command({ verb: 'reclaimMemory' }).answer).toMatchObject({ message: 'No thread has memory to give back.' })
})
