/** What is particular about commands: their memory goes when they end, and their shell stays. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { threadNumber } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import { bytes } from '../../src/model/units.ts'
import type { CapGroups } from '../../src/probe/cap-groups.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { FakeRun } from '../helpers/fake-run.ts'
import { failItem, succeedItem } from '../helpers/reports.ts'
import { GB, look, press, tightRun } from '../helpers/tight-run.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const COMMANDS = { id: 'a', count: 9, run: 'true' }

function plan(batch: Partial<Plan['batches'][number]> = {}): Plan {
  const built = buildPlan({ threads: 1, batchSize: 3, batches: [COMMANDS] })
  return { ...built, batches: built.batches.map((one) => Object.assign(one, batch)) }
}

function begun(batch?: Partial<Plan['batches'][number]>): FakeRun {
  const run = new FakeRun(plan(batch))
  run.ready(1)
  return run
}

/** A command of one thread alone. */
const own = (thread: number) => ({ count: 1, run: 'true', threads: [thread], threadsOnly: true })

const tight = (capGroups?: CapGroups) => tightRun({ batch: { run: 'true' }, ...(capGroups ? { capGroups } : {}) })

describe('a thread is told with a command', () => {
  test('what stands in the columns of its items', () => {
    const run = begun({
      names: { kind: 'list', names: ['x'], table: { columns: ['name', 'city'], rows: [['x', 'Bern']] } },
    })
    expect(run.chunk(1)?.fields).toEqual([{ name: 'x', city: 'Bern' }])
  })

  test('no columns where there are none', () => {
    expect(begun().chunk(1)).not.toHaveProperty('fields')
  })

  test('what it should make, how much of its output is kept, and the command of an item that differs', () => {
    const special = { run: { kind: 'words', text: 'false', words: [['false']] } } as const
    const run = begun({ outputs: [['out/', { slot: 'item' }]], logLimit: bytes(GB), special: { 0: special } })
    expect(run.chunk(1)?.batch).toMatchObject({
      outputs: [['out/', { slot: 'item' }]],
      logLimit: GB,
      special: { 0: special },
    })
  })
})

describe('processes that a command left behind', () => {
  test('are counted where it succeeded', () => {
    const run = begun()
    succeedItem(run, 1, { leftover: 2 })
    succeedItem(run, 1, {})
    expect(run.all('items.succeeded').map(({ leftovers }) => leftovers)).toEqual([[2], undefined])
  })

  test('and where it failed', () => {
    const run = begun()
    failItem(run, 1, { reason: { kind: 'exit', message: 'exit 3', code: '3' }, leftover: 1 })
    expect(run.all('item.failed')).toMatchObject([{ leftover: 1 }])
  })
})

describe('what a command took', () => {
  test('is the most that was seen while it ran, and unknown where nobody looked', () => {
    const run = begun()
    run.itemMs = 5000
    run.used({ 1: GB })
    run.used({ 1: GB / 2 })
    run.end(1)
    run.end(1)
    expect(run.all('items.succeeded').map(({ peaks }) => peaks?.at(-1))).toEqual([GB, undefined])
  })

  test('is not asked of the kernel, which knows each of its processes alone', () => {
    const run = begun()
    run.itemMs = 5000
    const takePeak = vi.fn<() => undefined>()
    run.core.eye = { ...run.core.eye, takePeak }
    run.end(1)
    run.end(1)
    expect(takePeak).not.toHaveBeenCalled()
  })

  test('stands also where the one before it took as much on the same thread', () => {
    const run = begun()
    for (const _ of [1, 2]) {
      run.used({ 1: GB })
      run.end(1)
    }
    expect(run.all('items.succeeded').map(({ peaks }) => peaks?.at(-1))).toEqual([GB, GB])
  })

  test('is free when it has ended, also before anybody looks', () => {
    const needs = [{ kind: 'batch', index: 0, when: 'ended' }] as const
    const batches = [
      { id: 'a', ...own(1) },
      { id: 'b', ...own(2), needs },
      { id: 'c', ...own(3) },
    ]
    const built = buildPlan({ threads: 3, batchSize: 1, batches })
    const run = new FakeRun({
      ...built,
      memory: { ...built.memory, budget: bytes(4 * GB) },
      batches: built.batches.map((one) => Object.assign(one, { memory: bytes(1.5 * GB) })),
    })
    run.ready(1, 3)
    run.used({ 1: 1.9 * GB })
    run.end(1)
    run.ready(2)
    expect(run.held(1, 2, 3)).toEqual([undefined, 'b', 'c'])
  })
})

test('a batch of commands that end as soon as they begin is known once three of them were met by a look', () => {
  const run = begun()
  const lookWithin = vi.fn<(ms: number) => void>()
  run.core.eye = { ...run.core.eye, lookWithin }
  for (let item = 0; item < 3; item += 1) {
    run.used({ 1: GB / 512 })
    run.end(1)
  }
  lookWithin.mockClear()
  run.end(1)
  expect(lookWithin).not.toHaveBeenCalled()
  run.used({ 1: GB / 512 })
  expect(lookWithin).toHaveBeenCalledWith(500)
})

describe('the governor', () => {
  test('stops the processes of a command at once: there is no tick to wait for', () => {
    const run = tight()
    press(run)
    expect(run.toldTo(2)).toEqual(['start command', 'run', 'tidy', 'freeze'])
    expect(run.acted.join()).not.toContain('reclaim')
  })

  test('takes a command off its thread for others, and the shell stays', () => {
    const run = tight()
    press(run)
    run.frozen(2)
    look(run, 1.92)
    look(run, 1.92)
    expect(run.toldTo(2).at(-1)).toBe('evict')
    const head = { thread: threadNumber(2), chunk: run.chunk(2)?.id ?? 0 }
    run.report({ type: 'items.interrupted', ...head, places: [0] })
    run.report({ type: 'chunk.ended', ...head })
    expect(run.all('items.returned')).toMatchObject([{ items: [1], how: 'evicted', peak: 1.92 * GB }])
    expect(run.all('thread.replaced')).toEqual([])
    expect(run.toldTo(2).at(-1)).toBe('thaw')
  })

  test('fails a command that stays above the cap, and the next one of its thread is none that leaves', () => {
    const run = tight()
    for (const _ of [1, 2, 3, 4]) {
      run.now += 100
      run.used({ 1: 2.125 * GB })
    }
    expect(run.toldTo(1)).toEqual(['start command', 'run', 'tidy', 'fail'])
    expect(run.core.live.threads[0]?.isLeaving).toBe(true)
    failItem(run, 1, { reason: { kind: 'memory', message: 'took 2.1 GB', cap: bytes(2 * GB) } })
    expect(run.all('item.failed')).toMatchObject([{ item: 0, peak: 2.125 * GB }])
    expect(run.toldTo(1).at(-1)).toBe('run')
    expect(run.core.live.threads[0]?.isLeaving).toBe(false)
  })

  test('hears of the kernel that it was for memory that a command was killed', () => {
    const kernel = { kills: 0, hits: 0 }
    const groups = { backing: 'cgroup1', kills: () => kernel.kills, hits: () => kernel.hits } as unknown as CapGroups
    const run = tight(groups)
    const killed = { kind: 'signal', message: 'ended by SIGKILL', code: 'SIGKILL' } as const
    look(run, 0.1)
    run.now += 100
    run.used({ 1: 1.9 * GB })
    Object.assign(kernel, { kills: 1, hits: 1 })
    failItem(run, 1, { reason: killed })
    expect(run.all('item.failed')).toMatchObject([{ item: 0, reason: { kind: 'memory', cap: 2 * GB, wasAlone: true } }])
    failItem(run, 1, { reason: killed })
    expect(run.all('item.failed')[1]?.reason).toEqual(killed)
  })
})
