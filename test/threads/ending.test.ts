import { expect, onTestFinished, test } from 'vitest'
import type { Reason } from '../../src/model/reason.ts'
import { millis } from '../../src/model/units.ts'
import { isDead, livingInGroup, rig, SOON } from './rig.ts'

const byUser: Reason = { kind: 'user', message: 'ended by a person' }

test('an attempt that takes too long is ended with reason timeout and may be tried again; the rest is taken back', async () => {
  const { run, reported, results } = await rig('act')
  // Long enough for the first one, which waits until the module is loaded.
  run(['ok', 'spin', 'ok'], { timeout: millis(3000) })
  expect(await reported('items.taken')).toMatchObject({ places: [2] })
  await reported('chunk.ended')
  expect(results()).toMatchObject([
    { ok: true, place: 0 },
    { ok: false, place: 1, isRetryable: true, reason: { kind: 'timeout', message: 'took longer than 3s' } },
  ])
})

test('an item that listens to its signal cleans up and the chunk goes on in the same worker', async () => {
  const { thread, run, reported, marked, results, log } = await rig('act')
  run(['polite', 'ok'])
  await marked('waits')
  thread.end(0, byUser, false)
  await reported('chunk.ended')
  expect(results()).toMatchObject([
    { ok: false, place: 0, isRetryable: false, reason: byUser },
    { ok: true, place: 1 },
  ])
  expect(await log(results()[0]?.log)).toBe('cleaned up after: the attempt was ended by a person\n')
})

test('returning because of the signal is no success', async () => {
  const { thread, run, reported, marked, results } = await rig('act')
  run(['polite-return'])
  await marked('waits')
  thread.end(0, byUser, false)
  await reported('chunk.ended')
  expect(results()).toMatchObject([{ ok: false, reason: byUser }])
})

test('a synchronous item hears of its end at tick()', async () => {
  const { thread, run, reported, marked, results, reports } = await rig('act')
  run(['ticks', 'ok'])
  await marked('ticks')
  thread.end(0, byUser, false)
  await reported('chunk.ended')
  expect(results()).toMatchObject([{ ok: false, reason: byUser }, { ok: true }])
  expect(reports.some(({ type }) => type === 'items.taken')).toBe(false)
})

test('an item in a synchronous loop is ended with its worker, and the thread takes the next chunk', async () => {
  const { thread, run, reported, marked, results, runAll } = await rig('act')
  const { pid } = thread
  run(['spin', 'ok'])
  await marked('spins')
  thread.end(0, byUser, true)
  await reported('chunk.ended')
  expect(results()).toMatchObject([{ ok: false, reason: byUser }])
  expect(await runAll(['value'])).toMatchObject([{ ok: true }])
  expect(thread.pid).toBe(pid)
})

test('processes that an ended item has started end with it', async () => {
  const { thread, run, reported } = await rig('parent')
  run(['one'])
  await reported('item.progressed')
  expect(livingInGroup(thread.pid ?? 0)).toHaveLength(2)
  thread.end(0, byUser, false)
  await reported('chunk.ended')
  await expect.poll(() => livingInGroup(thread.pid ?? 0), SOON).toEqual([thread.pid])
})

test('ending a place that does not run does nothing', async () => {
  const { thread, run, reported, marked, results } = await rig('act')
  run(['ok', 'polite'])
  await marked('waits')
  await reported('items.succeeded')
  thread.end(0, byUser, true)
  thread.end(1, byUser, false)
  await reported('chunk.ended')
  expect(results().map(({ ok, place }) => [ok, place])).toEqual([
    [true, 0],
    [false, 1],
  ])
})

test.each(['polite', 'sleep'])(
  'an interrupted chunk comes back: the running item (%s) as interrupted, the rest as taken',
  async (name) => {
    const { thread, run, reported, marked, results } = await rig('act')
    const chunk = run(['ok', name, 'ok', 'ok'])
    await marked(name === 'polite' ? 'waits' : 'sleeps')
    await reported('items.succeeded')
    thread.interrupt()
    await reported('chunk.ended')
    expect(await reported('items.interrupted')).toMatchObject({ chunk: chunk.id, places: [1] })
    expect(await reported('items.taken')).toMatchObject({ places: [2, 3] })
    expect(results()).toMatchObject([{ ok: true, place: 0 }])
  },
)

test('asking again and again does not put off the end', async () => {
  const { thread, run, reported, marked } = await rig('act')
  run(['stubborn'])
  await marked('waits')
  thread.interrupt()
  await marked('heard')
  const asking = setInterval(() => thread.interrupt(), 500)
  onTestFinished(() => clearInterval(asking))
  expect(await reported('items.interrupted')).toMatchObject({ places: [0] })
})

test('progress and the log so far are reported while the item runs', async () => {
  const { run, reports, log } = await rig('act')
  run(['progress'])
  const seen = (): unknown => reports.findLast(({ type }) => type === 'item.progressed')
  await expect.poll(seen, SOON).toMatchObject({ place: 0, fraction: 0.25, note: 'a quarter', log: { length: 7 } })
  const [progress] = reports.filter((report) => report.type === 'item.progressed').slice(-1)
  expect(await log(progress?.log)).toBe('so far\n')
})

test('a free thread stops by itself, a busy one is made to', async () => {
  const free = await rig('act')
  const freePid = free.thread.pid
  await free.thread.stop()
  expect(isDead(freePid)).toBe(true)
  expect(free.reports.map(({ type }) => type)).toEqual(['thread.ready', 'thread.stopped'])

  const busy = await rig('act')
  const busyPid = busy.thread.pid
  busy.run(['spin', 'ok'])
  await busy.marked('spins')
  await busy.thread.stop()
  expect(isDead(busyPid)).toBe(true)
  expect(busy.reports.filter(({ type }) => type === 'chunk.ended')).toHaveLength(1)
  expect(busy.reports.at(-1)).toMatchObject({ type: 'thread.stopped' })
})

test('a stopped thread can be started again', async () => {
  const { thread, reported, runAll } = await rig('act')
  await thread.stop()
  thread.start('module')
  await reported('thread.ready', 2)
  expect(await runAll(['ok'])).toMatchObject([{ ok: true }])
})
