import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { millis } from '../../src/model/units.ts'
import { isDead, rig, SOON, stateOf } from './rig.ts'

test('a thread in a synchronous endless loop freezes and gives its unstarted items back', async () => {
  const { thread, run, reported, marked } = await rig('act')
  const chunk = run(['ok', 'spin', 'ok#1', 'ok#2'])
  await marked('spins')
  thread.freeze()
  await reported('thread.frozen')
  await expect.poll(() => stateOf(thread.pid), SOON).toBe('T')
  // Its process has a moment for that before it stands; on a busy machine they come back when it goes on.
  thread.thaw()
  expect(await reported('items.taken')).toMatchObject({ chunk: chunk.id, places: [2, 3] })
})

test('an idle thread freezes too, and takes work again after the thaw', async () => {
  const { thread, reported, runAll } = await rig('act')
  thread.freeze()
  await reported('thread.frozen')
  await expect.poll(() => stateOf(thread.pid), SOON).toBe('T')
  thread.thaw()
  await reported('thread.thawed')
  expect(await runAll(['ok'])).toMatchObject([{ ok: true }])
})

test('a frozen item goes on where it was', async () => {
  const { thread, folder, run, reported, marked, results, log } = await rig('act')
  run(['spin-until'])
  await marked('spins')
  thread.freeze()
  await reported('thread.frozen')
  await expect.poll(() => stateOf(thread.pid), SOON).toBe('T')
  writeFileSync(join(folder, 'go'), '')
  expect(results()).toEqual([])
  thread.thaw()
  await reported('chunk.ended')
  expect(results()).toMatchObject([{ ok: true, place: 0, value: '"went on"' }])
  // One attempt from beginning to end: each line once, also those from inside the loop.
  expect(await log(results()[0]?.log)).toBe('before\nafter\n')
})

test('successes that the worker kept back are reported although the next item spins', async () => {
  const { run, reported } = await rig('act')
  run(['ok#1', 'ok#2', 'spin'])
  await expect.poll(async () => (await reported('items.succeeded')).ms.length, SOON).toBeGreaterThan(0)
})

test('the time an item stands frozen counts neither for its timeout nor as its own', async () => {
  const { thread, folder, run, reported, marked, results } = await rig('act')
  run(['spin-until'], { timeout: millis(5000) })
  await marked('spins')
  thread.freeze()
  await reported('thread.frozen')
  // Longer than the timeout: this waits for time to pass, not for something to happen.
  await sleep(5100)
  writeFileSync(join(folder, 'go'), '')
  thread.thaw()
  await reported('chunk.ended')
  expect(results()).toMatchObject([{ ok: true, value: '"went on"' }])
  expect(results()[0]?.ms).toBeLessThan(5000)
})

test('a thaw in the middle of a freeze still reports both, in order', async () => {
  const { thread, run, reported, marked, types } = await rig('act')
  run(['spin'])
  await marked('spins')
  thread.freeze()
  thread.thaw()
  await reported('thread.thawed')
  expect(types()).toEqual(['thread.ready', 'thread.frozen', 'thread.thawed'])
  expect(stateOf(thread.pid)).not.toBe('T')
})

test('ending the item of a frozen thread ends it without letting it run, and the thread stays frozen', async () => {
  const { thread, run, reported, marked, results } = await rig('act')
  run(['polite', 'ok'])
  await marked('waits')
  thread.freeze()
  await reported('thread.frozen')
  thread.end(0, { kind: 'user', message: 'ended by a person' }, false)
  await reported('chunk.ended')
  expect(results()).toMatchObject([{ ok: false, reason: { kind: 'user', message: 'ended by a person' } }])
  await expect.poll(() => stateOf(thread.pid), SOON).toBe('T')
})

test('a frozen thread can be stopped', async () => {
  const { thread, run, reported, marked, types } = await rig('act')
  run(['spin', 'ok'])
  await marked('spins')
  thread.freeze()
  await reported('thread.frozen')
  const { pid } = thread
  await thread.stop()
  expect(isDead(pid)).toBe(true)
  expect(types().slice(-3)).toEqual(['items.interrupted', 'chunk.ended', 'thread.stopped'])
})

test('a host that is killed while frozen is replaced by an idle one', async () => {
  const { thread, run, reported, marked, runAll } = await rig('act')
  run(['spin'])
  await marked('spins')
  thread.freeze()
  await reported('thread.frozen')
  thread.kill()
  expect(await reported('thread.lost')).toMatchObject({ running: 0, orphaned: [] })
  await reported('thread.ready', 2)
  expect(await runAll(['ok'])).toMatchObject([{ ok: true }])
})
