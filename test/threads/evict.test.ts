import { expect, onTestFinished, test, vi } from 'vitest'
import type { Reason } from '../../src/model/reason.ts'
import { until } from '../helpers/until.ts'
import type { Rig } from './rig.ts'
import { isDead, memoryOf, rig, SOON } from './rig.ts'

const tooMuch: Reason = { kind: 'memory', message: 'used more than its thread may' }
const needed: Reason = { kind: 'memory', message: 'its memory was needed' }

/** A thread whose first item runs. */
async function running(name: string, mark: string, task = 'act'): Promise<Rig> {
  const made = await rig(task)
  made.run([name, 'ok', 'ok'])
  await made.marked(mark)
  return made
}

/** Evicts what hears of it, and waits until its chunk is over. No grace is: a busy machine takes longer now and then. */
async function evictAtLeisure({ thread, types }: Rig): Promise<void> {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  thread.evict(false)
  await until(() => types().includes('chunk.ended'), { instead: () => types().join() })
  vi.useRealTimers()
}

const evictedAlive = ['items.taken', 'items.interrupted', 'chunk.ended']
const evictedDead = ['items.taken', 'items.interrupted', 'thread.lost', 'thread.ready']

test.each([
  ['ticks', 'ticks'],
  ['polite', 'waits'],
])('an evicted item that hears of it (%s) ends, and its process goes on', async (name, mark) => {
  const made = await running(name, mark)
  const { pid } = made.thread
  await evictAtLeisure(made)
  expect(made.types().slice(1)).toEqual(evictedAlive)
  expect(await made.reported('items.interrupted')).toMatchObject({ places: [0] })
  expect(await made.runAll(['ok'])).toMatchObject([{ ok: true }])
  expect(made.thread.pid).toBe(pid)
})

test('its abort signal tells that it runs again later', async () => {
  const made = await running('tells-why', 'waits')
  await evictAtLeisure(made)
  await made.marked('AbortError: its memory is needed; it runs again later')
})

test('an evicted item that cannot hear of it is killed with its process, which is replaced', async () => {
  const made = await running('spin', 'spins')
  made.thread.evict(false)
  expect(await made.reported('thread.lost')).toMatchObject({ reason: needed, orphaned: [] })
  await made.reported('thread.ready', 2)
  expect(made.types().slice(1)).toEqual(evictedDead)
  expect(await made.runAll(['ok'])).toMatchObject([{ ok: true }])
})

test('one that hears of it and does not end is killed as well', async () => {
  const made = await running('stubborn', 'waits')
  made.thread.evict(false)
  expect(await made.reported('thread.lost')).toMatchObject({ reason: needed })
  await made.reported('thread.ready', 2)
  expect(made.types().slice(1)).toEqual(evictedDead)
})

test('what had ended before the evicted item counts', async () => {
  const made = await rig('act')
  made.run(['ok', 'ok', 'spin', 'ok'])
  await made.marked('spins')
  made.thread.evict(false)
  await made.reported('thread.lost')
  expect(made.results().map(({ place }) => place)).toEqual([0, 1])
  expect(await made.reported('items.interrupted')).toMatchObject({ places: [2] })
})

test('a frozen item is evicted without going on', async () => {
  const made = await running('polite', 'waits')
  made.thread.freeze()
  await made.reported('thread.frozen')
  made.thread.evict(false)
  await made.reported('thread.ready', 2)
  // What had not begun comes back before it stands, or when it goes on.
  expect(await made.reported('items.taken')).toMatchObject({ places: [1, 2] })
  const others = made.types().filter((type) => type !== 'items.taken')
  expect(others).toEqual(['thread.ready', 'thread.frozen', 'items.interrupted', 'thread.lost', 'thread.ready'])
  expect(await made.runAll(['ok'])).toMatchObject([{ ok: true }])
})

test('an item that is frozen while it is evicted is evicted all the same', async () => {
  const made = await running('stubborn', 'waits')
  made.thread.evict(false)
  made.thread.freeze()
  expect(await made.reported('thread.lost')).toMatchObject({ reason: needed })
  await made.reported('thread.ready', 2)
})

test('a held item is evicted at its tick', async () => {
  const made = await running('ticks', 'ticks')
  made.thread.hold()
  await made.reported('thread.held')
  await evictAtLeisure(made)
  expect(made.types().slice(1)).toEqual(['items.taken', 'thread.held', 'items.interrupted', 'chunk.ended'])
})

test.each(['running', 'frozen', 'held'])('evicted at once, a %s item is killed with its process', async (how) => {
  const made = await running('ticks', 'ticks')
  const { thread } = made
  const { pid } = thread
  if (how === 'frozen') thread.freeze()
  if (how === 'held') thread.hold()
  if (how !== 'running') await made.reported(how === 'frozen' ? 'thread.frozen' : 'thread.held')
  thread.evict(true)
  const lost = await made.reported('thread.lost')
  expect(lost).toMatchObject({ reason: needed })
  expect(lost.running).toBeUndefined()
  expect(await made.reported('items.interrupted')).toMatchObject({ places: [0] })
  expect(isDead(pid)).toBe(true)
  await made.reported('thread.ready', 2)
  expect(await made.runAll(['ok'])).toMatchObject([{ ok: true }])
})

test('a free thread has nothing to evict', async () => {
  const { thread, runAll, types } = await rig('act')
  thread.evict(false)
  thread.evict(true)
  expect(await runAll(['ok'])).toMatchObject([{ ok: true }])
  expect(types()).toEqual(['thread.ready', 'items.succeeded', 'chunk.ended'])
})

test.each(['is-deaf buffers', 'is-deaf objects', 'hears-of buffers', 'hears-of objects'])(
  'the memory of an evicted item is free again: %s',
  async (name) => {
    const made = await rig('hoards')
    const idle = memoryOf(made.thread.pid)
    const { pid } = made.thread
    made.run([name])
    await made.marked('made')
    expect(memoryOf(pid)).toBeGreaterThan(idle + 150)
    if (name.startsWith('hears')) await evictAtLeisure(made)
    else {
      made.thread.evict(false)
      await made.reported('thread.lost')
    }
    // By themselves workers let go of it after some 8 s.
    await expect.poll(() => memoryOf(pid), { ...SOON, timeout: 6000 }).toBeLessThan(idle + 60)
  },
)

test.each(['running', 'frozen', 'held'])(
  'a %s item that has taken too much fails and costs its process',
  async (how) => {
    const made = await running('ticks', 'ticks')
    const { thread } = made
    if (how === 'frozen') thread.freeze()
    if (how === 'held') thread.hold()
    if (how !== 'running') await made.reported(how === 'frozen' ? 'thread.frozen' : 'thread.held')
    thread.fail(0, tooMuch)
    const lost = await made.reported('thread.lost')
    // Who froze may have had no time to give back what had not begun.
    const isTaken = how === 'held' || (how === 'frozen' && made.types().includes('items.taken'))
    expect(lost).toMatchObject({ reason: tooMuch, orphaned: isTaken ? [] : [1, 2] })
    expect(lost.running).toBeUndefined()
    expect(made.results()).toMatchObject([{ ok: false, place: 0, isRetryable: true, reason: tooMuch }])
    await made.reported('thread.ready', 2)
    expect(made.types().slice(-3)).toEqual(['items.ended', 'thread.lost', 'thread.ready'])
    expect(await made.runAll(['ok'])).toMatchObject([{ ok: true }])
  },
)

test('failing an item that does not run any more does nothing', async () => {
  const made = await rig('act')
  made.run(['ok', 'polite'])
  await made.marked('waits')
  await made.reported('items.succeeded')
  made.thread.fail(0, tooMuch)
  made.thread.end(1, { kind: 'user', message: 'enough' }, false)
  await made.reported('chunk.ended')
  expect(made.types()).not.toContain('thread.lost')
})
