import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { isDead, rig } from './rig.ts'

test('a renewed thread has a new process after the old one was torn down in order, and nothing is lost', async () => {
  const { thread, folder, runAll, reported, types } = await rig('batches')
  const { pid } = thread
  await runAll(['one'])
  thread.renew('module')
  const ready = await reported('thread.ready', 2)
  expect(isDead(pid)).toBe(true)
  expect(ready.pid).not.toBe(pid)
  expect(readFileSync(join(folder, 'calls'), 'utf8')).toBe('setup demo\none\nteardown demo\n')
  await runAll(['two'])
  const ran = ['thread.ready', 'items.succeeded', 'chunk.ended']
  expect(types()).toEqual([...ran, ...ran])
})

test('a thread that runs something, is frozen or is being renewed cannot be renewed, nor run anything meanwhile', async () => {
  const { thread, run, marked, reported } = await rig('act')
  thread.freeze()
  expect(() => thread.renew('module')).toThrow('cannot be renewed now')
  thread.thaw()
  thread.renew('module')
  expect(() => thread.renew('module')).toThrow('cannot be renewed now')
  expect(() => run(['ok'])).toThrow('cannot take a chunk now')
  await reported('thread.ready', 2)
  run(['polite'])
  await marked('waits')
  expect(() => thread.renew('module')).toThrow('cannot be renewed now')
})

test('a thread that is being renewed can be stopped', async () => {
  const { thread, types } = await rig('act')
  const { pid } = thread
  thread.renew('module')
  await thread.stop()
  expect(isDead(pid)).toBe(true)
  expect(types()).toEqual(['thread.ready', 'thread.stopped'])
})
