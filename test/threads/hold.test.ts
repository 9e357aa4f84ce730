import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { millis } from '../../src/model/units.ts'
import type { Rig } from './rig.ts'
import { isDead, rig, SOON, stateOf } from './rig.ts'

/** A thread whose first item, of this name, stands held. */
async function held(name: string, { timeout }: { timeout?: number } = {}): Promise<Rig> {
  const made = await rig('act')
  made.run([name, 'ok', 'ok'], timeout === undefined ? {} : { timeout: millis(timeout) })
  await made.marked('runs')
  made.thread.hold()
  await made.reported('thread.held')
  return made
}

const goOn = ({ folder }: Rig): void => writeFileSync(join(folder, 'go'), '')

test.each(['tick-until', 'pause-until'])(
  'a held item (%s) says that it stands, the rest of its chunk comes back, and it goes on when it is released',
  async (name) => {
    const made = await held(name)
    expect(await made.reported('items.taken')).toMatchObject({ places: [1, 2] })
    goOn(made)
    made.thread.release()
    await made.reported('chunk.ended')
    expect(made.results()).toMatchObject([{ place: 0, value: '"released"' }])
    expect(made.types()).toEqual(['thread.ready', 'items.taken', 'thread.held', 'items.ended', 'chunk.ended'])
  },
)

test.each(['tick-until', 'pause-until'])(
  'the time an item (%s) stands held counts neither for its timeout nor as its own',
  async (name) => {
    const made = await held(name, { timeout: 5000 })
    // Longer than the timeout: this waits for time to pass, not for something to happen.
    await sleep(5100)
    goOn(made)
    made.thread.release()
    await made.reported('chunk.ended')
    expect(made.results()).toMatchObject([{ ok: true, value: '"released"' }])
    expect(made.results()[0]?.ms).toBeLessThan(5000)
  },
)

test('timers of an asynchronous task go on while it is held', async () => {
  const made = await held('pause-beside-timer')
  await made.marked('timer')
  made.thread.end(0, { kind: 'user', message: 'enough' }, false)
  await made.reported('chunk.ended')
})

test('released and held again at once, it says again that it stands', async () => {
  const made = await held('tick-until')
  made.thread.release()
  made.thread.hold()
  await made.reported('thread.held', 2)
  goOn(made)
  made.thread.release()
  await made.reported('chunk.ended')
})

test('a hold that was taken back before the item came to a tick is not reported', async () => {
  const made = await rig('act')
  made.run(['spin-until'])
  await made.marked('spins')
  made.thread.hold()
  made.thread.release()
  goOn(made)
  await made.reported('chunk.ended')
  expect(made.types()).not.toContain('thread.held')
})

test('an item that ends without a tick while a hold is wished is reported as always, and nothing runs until the release', async () => {
  const made = await rig('act')
  made.run(['spin-until'])
  await made.marked('spins')
  made.thread.hold()
  goOn(made)
  await made.reported('chunk.ended')
  expect(made.types()).toEqual(['thread.ready', 'items.ended', 'chunk.ended'])
  expect(() => made.run(['ok'])).toThrow('cannot take a chunk now')
  made.thread.release()
  expect(await made.runAll(['ok'])).toMatchObject([{ ok: true }])
})

test('a held thread freezes and thaws, and stays held', async () => {
  const made = await held('tick-until', { timeout: 5000 })
  const { thread } = made
  thread.freeze()
  await made.reported('thread.frozen')
  await expect.poll(() => stateOf(thread.pid), SOON).toBe('T')
  goOn(made)
  thread.thaw()
  await made.reported('thread.thawed')
  // It would see in a moment that it may end, if it went on.
  await sleep(5100)
  expect(made.results()).toEqual([])
  thread.release()
  await made.reported('chunk.ended')
  expect(made.results()[0]?.ms).toBeLessThan(5000)
})

test('a frozen thread that is held comes to stand at its next tick after the thaw', async () => {
  const made = await rig('act')
  made.run(['tick-until'])
  await made.marked('runs')
  made.thread.freeze()
  await made.reported('thread.frozen')
  made.thread.hold()
  made.thread.thaw()
  await made.reported('thread.held')
  expect(made.types()).toEqual(['thread.ready', 'thread.frozen', 'thread.thawed', 'thread.held'])
})

test.each(['tick-until', 'pause-until'])('a held item (%s) can be ended', async (name) => {
  const made = await held(name)
  made.thread.end(0, { kind: 'user', message: 'ended by a person' }, false)
  await made.reported('chunk.ended')
  expect(made.results()).toMatchObject([{ ok: false, reason: { kind: 'user' } }])
})

test('a held item can be interrupted', async () => {
  const made = await held('tick-until')
  made.thread.interrupt()
  await made.reported('chunk.ended')
  expect(await made.reported('items.interrupted')).toMatchObject({ places: [0] })
})

test('a held thread can be stopped', async () => {
  const made = await held('tick-until')
  const { pid } = made.thread
  await made.thread.stop()
  expect(isDead(pid)).toBe(true)
  expect(made.types().slice(-3)).toEqual(['items.interrupted', 'chunk.ended', 'thread.stopped'])
})

test('a held thread can be killed; its new process is not held', async () => {
  const made = await held('tick-until')
  made.thread.kill()
  expect(await made.reported('thread.lost')).toMatchObject({ running: 0, orphaned: [] })
  await made.reported('thread.ready', 2)
  expect(existsSync(join(made.folder, 'go'))).toBe(false)
  expect(await made.runAll(['ok'])).toMatchObject([{ ok: true }])
})
