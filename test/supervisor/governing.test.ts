/** Items that go off their thread for memory: back to the queue, failed and tried again, or failed for good. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { Reason } from '../../src/model/reason.ts'
import { bytes, millis } from '../../src/model/units.ts'
import type { CapGroups } from '../../src/probe/cap-groups.ts'
import type { FakeRun } from '../helpers/fake-run.ts'
import type { TightOptions } from '../helpers/tight-run.ts'
import { GB, look, press, tightRun } from '../helpers/tight-run.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const HEAP: Reason = { kind: 'memory', message: 'its heap is full' }

const headOf = (run: FakeRun, thread: number) => {
  return { thread: threadNumber(thread), chunk: run.chunk(thread)?.id ?? 0 }
}
const appetite = (run: FakeRun, item: number) => run.core.state.appetites.get(itemIndex(item))

/** The item of a thread ends as it was told to. */
function interrupted(run: FakeRun, thread: number): void {
  const head = headOf(run, thread)
  run.report({ type: 'items.interrupted', ...head, places: [0] })
  run.report({ type: 'chunk.ended', ...head })
  run.sync()
}

/** The process of a thread dies of its item's memory, by itself or as it was told to. */
function died(run: FakeRun, thread: number, reason: Reason = HEAP): void {
  run.report({ type: 'thread.lost', ...headOf(run, thread), reason, running: 0, orphaned: [] })
  run.sync()
}

/** What `fail` brings. */
function failed(run: FakeRun, thread: number, reason: Reason): void {
  const head = headOf(run, thread)
  const result = { ok: false, place: 0, ms: millis(500), reason, isRetryable: true } as const
  run.report({ type: 'items.ended', ...head, results: [result] })
  run.report({ type: 'thread.lost', ...head, reason, orphaned: [] })
  run.sync()
}

/** The next process of a thread is there, and memory is free. */
function anew(run: FakeRun, thread: number): void {
  run.now += 200
  vi.advanceTimersByTime(200)
  run.ready(thread)
  look(run, 0)
}

/** One thread, which has run an item before the one it runs now. */
function used(options: TightOptions = {}): FakeRun {
  const run = tightRun({ threads: 1, ...options })
  run.end(1)
  return run
}

/** Thread 2 stands at a tick and both use 95 % of the budget. */
function requeueing(): FakeRun {
  const run = tightRun()
  press(run)
  run.report({ type: 'thread.held', thread: threadNumber(2) })
  for (let round = 0; round < 20 && !run.toldTo(2).includes('evict'); round += 1) look(run, 1.94)
  return run
}

describe('the youngest that stands goes back to the queue where that is not enough', () => {
  test('as evicted, with what it took and without using a try', () => {
    const run = requeueing()
    expect(run.toldTo(2)).toContain('evict')
    interrupted(run, 2)
    expect(run.all('items.returned')).toMatchObject([{ items: [1], how: 'evicted', peak: 1.94 * GB }])
    expect(run.core.state.items.failures[1]).toBe(0)
    expect(run.core.live.threads[1]).toMatchObject({ pause: 'none', isLeaving: false, held: undefined })
  })

  test('and that is told once its memory is back', () => {
    const run = requeueing()
    interrupted(run, 2)
    expect(run.acted).not.toContain('requeue 2')
    run.now += 100
    run.used({ 1: 1.94 * GB, 2: 0.1 * GB })
    const acted = run.all('governor.acted').find(({ stage }) => stage === 'requeue')
    expect(acted).toMatchObject({ thread: 2, after: bytes(0.1 * GB), ms: 100 })
  })

  test('and is handed out again alone, as what it has shown to need', () => {
    const run = requeueing()
    interrupted(run, 2)
    run.end(1)
    look(run, 0)
    const again = run.core.live.threads.find(({ held }) => held?.chunk.items.includes(itemIndex(1)))
    expect(again?.held?.chunk.items).toEqual([1])
    expect(again?.held?.expected).toBeGreaterThan(1.9 * GB)
    expect(again?.held?.chunk.attempts).toEqual([2])
  })
})

describe('at the last line the youngest is ended at once', () => {
  test('and its item goes back as evicted', () => {
    const run = tightRun()
    look(run, 1)
    look(run, 1.99)
    expect(run.toldTo(2)).toContain('evict')
    const head = headOf(run, 2)
    run.report({ type: 'items.interrupted', ...head, places: [0] })
    run.report({ type: 'thread.lost', ...head, reason: HEAP, orphaned: [] })
    look(run, 0)
    expect(run.all('items.returned')).toMatchObject([{ items: [1], how: 'evicted' }])
    expect(run.acted).toContain('kill 2')
    expect(run.all('item.retrying')).toEqual([])
  })
})

/** Thread 1 is told to end what takes more than its cap. */
function overCap(run: FakeRun): void {
  look(run, 0.1)
  for (let round = 0; round < 40 && run.toldTo(1).at(-1) !== 'fail'; round += 1) {
    run.now += 100
    run.used({ 1: 2.125 * GB })
  }
  expect(run.toldTo(1).at(-1)).toBe('fail')
}

const OVER: Reason = {
  kind: 'memory',
  message: 'took 2.1 GB, more than the 2 GB of a thread',
  peak: bytes(2.125 * GB),
  cap: bytes(2 * GB),
}

describe('an item that takes more than the cap', () => {
  test('stands and collects first; where that does not help its attempt fails with peak and cap', () => {
    const run = used()
    overCap(run)
    expect(run.toldTo(1).filter((verb) => ['hold', 'reclaim', 'fail'].includes(verb))).toEqual([
      'hold',
      'reclaim',
      'fail',
    ])
    failed(run, 1, OVER)
    expect(run.all('item.retrying')).toMatchObject([
      { item: 1, reason: { kind: 'memory', cap: 2 * GB, peak: bytes(2.125 * GB) } },
    ])
    expect(run.all('thread.replaced')).toHaveLength(1)
  })

  test('gets on where collecting helps', () => {
    const run = used()
    look(run, 1)
    look(run, 2.1)
    run.report({ type: 'thread.held', thread: threadNumber(1) })
    run.used({ 1: GB })
    run.report({ type: 'thread.reclaimed', thread: threadNumber(1), freed: bytes(GB), ms: millis(50) })
    look(run, 1)
    expect(run.toldTo(1)).not.toContain('fail')
    expect(run.core.live.threads[0]?.pause).toBe('none')
  })

  test('is tried once more in a process of its own, and fails for good with that sentence', () => {
    const run = used()
    overCap(run)
    failed(run, 1, OVER)
    anew(run, 1)
    expect(run.core.live.threads[0]?.held).toMatchObject({ isAlone: true })
    expect(run.chunk(1)?.items).toEqual([1])
    overCap(run)
    failed(run, 1, OVER)
    const [failure] = run.all('item.failed')
    expect(failure?.item).toBe(1)
    expect(failure?.reason.message).toBe('needs more than the 2 GB of a thread: it took 2.1 GB in a process of its own')
  })

  test('gets a fresh process where the one that is there has run something', () => {
    const run = tightRun({ threads: 2 })
    run.end(1)
    const item = run.chunk(1)?.items[0]
    run.report({
      type: 'items.ended',
      ...headOf(run, 1),
      results: [{ ok: false, place: 0, ms: millis(1), reason: HEAP, isRetryable: true }],
    })
    run.report({ type: 'chunk.ended', ...headOf(run, 1) })
    run.now += 200
    vi.advanceTimersByTime(200)
    run.end(2)
    const renewed = run.told.filter((line) => line.endsWith('renew')).map((line) => Number(line[0]))
    expect(renewed).toHaveLength(1)
    run.ready(renewed[0] ?? 0)
    expect(run.chunk(renewed[0] ?? 0)?.items).toEqual([item])
    expect(run.core.live.threads[(renewed[0] ?? 0) - 1]?.held?.isAlone).toBe(true)
  })
})

/** What the kernel counts for thread 1. */
const counts = () => ({ kills: 0, hits: 0 })
const groupsOf = (kernel: ReturnType<typeof counts>) => {
  const groups = { backing: 'polling', kills: () => kernel.kills, hits: () => kernel.hits, setCap: () => undefined }
  return groups as unknown as CapGroups
}

const KILLED = { kind: 'lost', message: 'host died: signal SIGKILL', code: 'SIGKILL' } as const

describe('a process that dies of its heap', () => {
  test('has its item tried again up to three times, apart from the tries of retry', () => {
    const run = used({ batch: { count: 2, attempts: 2 } })
    for (const failures of [1, 2]) {
      died(run, 1)
      expect(appetite(run, 1)?.failures).toBe(failures)
      anew(run, 1)
    }
    expect(run.core.state.items.failures[1]).toBe(0)
    run.end(1, 'fail')
    expect(run.all('item.retrying')).toHaveLength(3)
    run.now += 60_000
    vi.advanceTimersByTime(60_000)
    anew(run, 1)
    died(run, 1)
    expect(run.all('item.failed')).toMatchObject([{ item: 1, reason: HEAP }])
  })

  test('because the kernel ended it counts the same, and says so', () => {
    const kernel = counts()
    const run = used({ capGroups: groupsOf(kernel) })
    look(run, 1.95)
    kernel.kills = 1
    died(run, 1, KILLED)
    expect(run.all('item.retrying')).toMatchObject([
      { item: 1, reason: { kind: 'memory', message: 'the kernel ended its process for memory at 2 GB' } },
    ])
    anew(run, 1)
    died(run, 1, KILLED)
    expect(run.all('items.returned')).toMatchObject([{ items: [1], how: 'lost' }])
  })

  test.each([
    ['its own limit, needs more than a thread may have', 1, 'item.failed'],
    ['the limit of all, is tried again: it may fit', 0, 'item.retrying'],
  ] as const)('and was ended by the kernel near its cap, alone, for %s', (_, hits, type) => {
    const kernel = counts()
    const run = tightRun({ threads: 1, capGroups: groupsOf(kernel) })
    look(run, 1.95)
    Object.assign(kernel, { kills: 1, hits })
    died(run, 1, KILLED)
    expect(run.all(type)).toMatchObject([{ item: 0, reason: { kind: 'memory' } }])
  })

  test('is not what the kernel did where only a child of it was killed', () => {
    const run = used({ capGroups: groupsOf({ kills: 1, hits: 1 }) })
    died(run, 1, { kind: 'lost', message: 'host died: exit 1', code: '1' })
    expect(run.all('items.returned')).toMatchObject([{ items: [1], how: 'lost' }])
  })
})

describe('a checkpoint', () => {
  test('is asked for at the line, and told once it is written', () => {
    const run = tightRun()
    run.holdsCheckpoints = true
    look(run, 1)
    look(run, 1.92)
    expect(run.checkpoints).toEqual(['governor'])
    expect(run.acted).not.toContain('checkpoint')
    run.now += 40
    run.checkpointed('governor')
    expect(run.all('governor.acted').find(({ stage }) => stage === 'checkpoint')).toMatchObject({ ms: 40 })
  })

  test('that could not be written is not told, and no part of the next', () => {
    const run = tightRun()
    run.holdsCheckpoints = true
    look(run, 1)
    look(run, 1.92)
    run.post({ type: 'checkpointed', reason: 'governor', error: 'no space' })
    expect(run.acted).not.toContain('checkpoint')
    run.now += 60_000
    look(run, 1.92)
    run.now += 40
    run.checkpointed('governor')
    expect(run.all('governor.acted').find(({ stage }) => stage === 'checkpoint')).toMatchObject({ ms: 40 })
  })
})
