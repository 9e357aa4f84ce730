/** The governor makes items stand still: how that begins, how it ends, and what people and accidents make of it meanwhile. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { itemIndex, threadNumber } from '../../src/model/ids.ts'
import { millis } from '../../src/model/units.ts'
import type { FakeRun } from '../helpers/fake-run.ts'
import { look, press, tightRun } from '../helpers/tight-run.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const held = (run: FakeRun, thread: number) => run.report({ type: 'thread.held', thread: threadNumber(thread) })
const thawed = (run: FakeRun, thread: number) => run.report({ type: 'thread.thawed', thread: threadNumber(thread) })
const pauseOf = (run: FakeRun, thread: number) => run.core.live.threads[thread - 1]?.pause
const pauses = (run: FakeRun) => {
  const events = run.events.filter(({ type }) => type === 'thread.paused' || type === 'thread.resumed')
  return events.map((event) => ('by' in event && 'thread' in event ? `${event.type} ${event.thread} ${event.by}` : ''))
}
/** Memory is plenty for a while. */
function relax(run: FakeRun): void {
  for (let round = 0; round < 10; round += 1) look(run, 0.1)
}

/** Thread 2 was asked to stand still. */
function holding(): FakeRun {
  const run = tightRun()
  press(run)
  return run
}

/** Thread 2 stands at a tick. */
function standing(): FakeRun {
  const run = holding()
  held(run, 2)
  return run
}

/** Thread 2 did not come to a tick and is frozen. */
function frozen(): FakeRun {
  const run = holding()
  run.now += 200
  vi.advanceTimersByTime(200)
  run.frozen(2)
  return run
}

describe("the governor's pause", () => {
  test('asks the youngest to stand at a tick, and is told once it does, with what it took', () => {
    const run = holding()
    expect(run.toldTo(2)).toContain('hold')
    expect(run.acted).not.toContain('pause 2')
    run.now += 30
    held(run, 2)
    expect(pauses(run)).toEqual(['thread.paused 2 governor'])
    expect(run.all('governor.acted').find(({ stage }) => stage === 'pause')).toMatchObject({
      thread: 2,
      ms: 30,
      why: expect.stringContaining('4 GB in sight') as string,
    })
  })

  test('freezes who does not come to a tick', () => {
    const run = frozen()
    expect(run.toldTo(2).at(-1)).toBe('freeze')
    expect(pauses(run)).toEqual(['thread.paused 2 governor'])
    expect(run.acted).toContain('pause 2')
  })

  test('leaves who came to a tick alone', () => {
    const run = standing()
    vi.advanceTimersByTime(1000)
    expect(run.toldTo(2)).not.toContain('freeze')
  })

  test('ends once memory is free', () => {
    const run = standing()
    relax(run)
    expect(run.toldTo(2).at(-1)).toBe('release')
    expect(pauses(run)).toEqual(['thread.paused 2 governor', 'thread.resumed 2 governor'])
    expect(run.acted).toContain('resume 2')
  })

  test('of a frozen thread ends when it thaws', () => {
    const run = frozen()
    relax(run)
    expect(run.toldTo(2)).toContain('thaw')
    expect(pauseOf(run, 2)).toBe('paused')
    thawed(run, 2)
    expect(pauses(run)).toEqual(['thread.paused 2 governor', 'thread.resumed 2 governor'])
  })

  test('is no time of the item', () => {
    const run = standing()
    const since = run.core.live.threads[1]?.held?.since ?? 0
    run.now += 5000
    relax(run)
    expect((run.core.live.threads[1]?.held?.since ?? 0) - since).toBeGreaterThanOrEqual(5000)
  })
})

describe('an item that ends', () => {
  test.each([
    ['on its way to a tick', holding],
    ['at its tick', standing],
  ] as const)('%s frees its thread', (_, begin) => {
    const run = begin()
    run.end(2)
    expect(run.toldTo(2)).toContain('release')
    expect(run.core.live.threads[1]).toMatchObject({ pause: 'none', isHeld: false, frozenAt: undefined })
    expect(run.core.governing.acts.filter(({ stage }) => stage === 'pause')).toEqual([])
    run.used({ 1: 0, 2: 0 })
    expect(run.held(2)).toEqual(['a'])
  })

  test.each([
    ['on its way to a tick', holding],
    ['at its tick', standing],
    ['frozen', frozen],
  ] as const)('%s, with its thread still busy with what it left, does not keep that from its end', (_, begin) => {
    const run = begin()
    const chunk = run.chunk(2)?.id ?? 0
    run.report({ type: 'items.succeeded', thread: threadNumber(2), chunk, from: 0, ms: [millis(1)] })
    vi.advanceTimersByTime(1000)
    expect(run.toldTo(2).at(-1)).toBe(begin === frozen ? 'thaw' : 'release')
    if (begin === frozen) thawed(run, 2)
    expect(pauseOf(run, 2)).toBe('none')
  })

  test('while its thread freezes does not leave that frozen', () => {
    const run = holding()
    vi.advanceTimersByTime(200)
    const chunk = run.chunk(2)?.id ?? 0
    run.report({ type: 'items.succeeded', thread: threadNumber(2), chunk, from: 0, ms: [millis(1)] })
    run.frozen(2)
    thawed(run, 2)
    expect(run.toldTo(2)).toContain('thaw')
    expect(pauseOf(run, 2)).toBe('none')
  })

  test('while its thread is frozen, as a person asked, frees it once it is thawed', () => {
    const run = frozen()
    run.command({ verb: 'endItem', item: itemIndex(1), isNow: false })
    run.end(2)
    expect(run.toldTo(2)).toContain('thaw')
    thawed(run, 2)
    expect(pauseOf(run, 2)).toBe('none')
  })

  test('because a person ended it goes on for that, if its thread froze meanwhile', () => {
    const run = holding()
    run.now += 200
    vi.advanceTimersByTime(200)
    run.command({ verb: 'endItem', item: itemIndex(1), isNow: false })
    run.frozen(2)
    expect(run.toldTo(2).at(-1)).toBe('thaw')
  })
})

describe('a process that dies', () => {
  test.each([
    ['on its way to a tick', holding],
    ['at a tick', standing],
    ['frozen', frozen],
  ] as const)('%s leaves nothing paused', (_, begin) => {
    const run = begin()
    run.lose(2)
    expect(run.core.live.threads[1]).toMatchObject({ pause: 'none', isFrozen: false, isHeld: false, used: 0 })
    run.ready(2)
    run.used({ 1: 0, 2: 0 })
    expect(run.held(2)).toEqual(['a'])
  })

  test('and is none of the run any more before its time to come to a tick is over leaves that time to nobody', () => {
    const run = holding()
    run.command({ verb: 'setThreads', to: 1 })
    run.end(2)
    run.stopped(2)
    vi.advanceTimersByTime(1000)
    expect(run.core.live.threads).toHaveLength(1)
  })
})

describe('a person', () => {
  test.each([
    ['on its way to a tick', holding],
    ['at a tick', standing],
    ['frozen', frozen],
  ] as const)('who pauses a thread that is %s has it paused until it is resumed', (_, begin) => {
    const run = begin()
    const pause = run.pause([2])
    run.frozen(2)
    expect(pause.answer).toMatchObject({ ok: true })
    relax(run)
    expect(run.core.live.threads[1]).toMatchObject({ pause: 'paused', pausedBy: 'user' })
    expect(pauses(run).at(-1)).toBe('thread.paused 2 user')
    run.command({ verb: 'resumeThreads' })
    thawed(run, 2)
    expect(pauseOf(run, 2)).toBe('none')
    expect(run.toldTo(2).slice(-2)).toEqual(['release', 'thaw'])
  })

  test("who resumes has the governor's pauses resumed as well", () => {
    const run = standing()
    const answer = run.command({ verb: 'resumeThreads' })
    expect(answer.answer).toMatchObject({ ok: true, message: 'Resumed thread 2.' })
    expect(pauses(run).at(-1)).toBe('thread.resumed 2 user')
  })

  test('who resumes what was on its way to a tick has the next pause told for what it is', () => {
    const run = holding()
    run.command({ verb: 'resumeThreads' })
    relax(run)
    press(run)
    run.now += 30
    held(run, 2)
    expect(run.all('governor.acted').filter(({ stage }) => stage === 'pause')).toMatchObject([{ thread: 2, ms: 30 }])
  })

  test('who lets an item finish before the pause has that, although the governor makes it stand meanwhile', () => {
    const run = standing()
    const answer = run.pause([2], { drain: true })
    expect(answer.answer).toMatchObject({ message: 'Pausing thread 2: running items finish first.' })
    relax(run)
    expect(pauseOf(run, 2)).toBe('draining')
    run.end(2)
    expect(run.core.live.threads[1]).toMatchObject({ pause: 'paused', pausedBy: 'user' })
  })

  test('who did so before does not keep the governor from it', () => {
    const run = tightRun()
    run.pause([2], { drain: true })
    press(run)
    expect(run.toldTo(2)).toContain('hold')
    held(run, 2)
    relax(run)
    expect(pauseOf(run, 2)).toBe('draining')
    run.end(2)
    expect(pauseOf(run, 2)).toBe('paused')
    expect(pauses(run)).toEqual(['thread.paused 2 governor', 'thread.resumed 2 governor', 'thread.paused 2 user'])
  })

  test('who wants fewer threads waits for the item, which goes on', () => {
    const run = standing()
    run.command({ verb: 'setThreads', to: 1 })
    relax(run)
    expect(pauseOf(run, 2)).toBe('none')
    run.end(2)
    expect(run.toldTo(2).at(-1)).toBe('stop')
  })

  test('who stops the run has items finish that the governor made stand still', () => {
    const run = standing()
    run.command({ verb: 'stopRun', isNow: false })
    expect(run.toldTo(2)).not.toContain('interrupt')
    relax(run)
    run.end(1)
    run.end(2)
    expect(run.isFinished).toBe(true)
  })

  test.each([
    ['held', standing],
    ['frozen', frozen],
  ] as const)('who stops it now has them %s or not', (_, begin) => {
    const run = begin()
    run.command({ verb: 'stopRun', isNow: true })
    expect(run.toldTo(2)).toContain('interrupt')
  })

  test('who stops it now while a thread is on its way to a tick does not have it frozen at its end', () => {
    const run = holding()
    run.command({ verb: 'stopRun', isNow: true })
    vi.advanceTimersByTime(1000)
    expect(run.toldTo(2).slice(-2)).toEqual(['release', 'interrupt'])
  })

  test('who stopped it now has nothing paused any more', () => {
    const run = tightRun()
    run.command({ verb: 'stopRun', isNow: true })
    press(run)
    expect(run.toldTo(2)).not.toContain('hold')
    expect(run.core.governing.acts.filter(({ stage }) => stage === 'pause')).toEqual([])
  })

  test('who stops it now while a thread is about to freeze does not wait for it', () => {
    const run = holding()
    run.now += 200
    vi.advanceTimersByTime(200)
    run.command({ verb: 'stopRun', isNow: true })
    expect(run.toldTo(2).slice(-2)).toEqual(['thaw', 'interrupt'])
  })
})
