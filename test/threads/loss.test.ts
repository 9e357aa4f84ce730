import { expect, test } from 'vitest'
import { isDead, rig, SOON } from './rig.ts'

test('a thread whose process is killed is replaced, and only its running item was in flight', async () => {
  const { thread, run, reported, marked, results, runAll } = await rig('act')
  const { pid } = thread
  const chunk = run(['value', 'ok', 'spin', 'ok', 'ok'])
  await marked('spins')
  await expect.poll(() => results().length, SOON).toBe(2)
  process.kill(pid ?? 0, 'SIGKILL')
  expect(await reported('thread.lost')).toMatchObject({
    chunk: chunk.id,
    running: 2,
    orphaned: [3, 4],
    reason: { kind: 'lost', message: 'host died: signal SIGKILL', code: 'SIGKILL' },
  })
  expect(results()).toMatchObject([
    { ok: true, place: 0 },
    { ok: true, place: 1 },
  ])
  await reported('thread.ready', 2)
  expect(isDead(pid)).toBe(true)
  expect(await runAll(['value'])).toMatchObject([{ ok: true }])
})

test('a task that takes its process down costs one thread', async () => {
  const { run, reported } = await rig('act')
  run(['ok', 'kill-host', 'ok'])
  expect(await reported('thread.lost')).toMatchObject({ reason: { message: 'host died: signal SIGKILL' } })
  await reported('thread.ready', 2)
})

test('an item that runs out of heap fails with reason memory, the process and the rest live on', async () => {
  const { thread, run, reported, results, runAll } = await rig('greedy', { cap: 64 })
  const { pid } = thread
  run(['small', 'objects', 'small'])
  await reported('chunk.ended')
  expect(results()).toMatchObject([
    { ok: true },
    { ok: false, place: 1, isRetryable: true, reason: { kind: 'memory', cap: 64 * 2 ** 20 } },
  ])
  expect(await reported('items.taken')).toMatchObject({ places: [2] })
  expect(await runAll(['small'])).toMatchObject([{ ok: true }])
  expect(thread.pid).toBe(pid)
})

test.runIf(process.platform === 'linux')(
  'what an item litters does not take it over a cap in which it fits',
  async () => {
    const { runAll } = await rig('hoards', { cap: 200 })
    const [result] = await runAll(['litters objects 20'])
    expect(result).toMatchObject({ ok: true })
    expect(Number(result?.ok && result.value)).toBeLessThan(200)
  },
)

test.each([
  ['array', 64, 32],
  // A smaller one still grows within what a worker may have on top, and then only the worker ends.
  ['map', 320, 288],
])('when one allocation (%s) ends the whole process, memory is the reason', async (name, cap, heap) => {
  const { run, reported } = await rig('greedy', { cap })
  run([name, 'small'])
  expect(await reported('thread.lost')).toMatchObject({
    running: 0,
    orphaned: [1],
    reason: {
      kind: 'memory',
      message: `its process ran out of heap (limit ${heap} MB) and died`,
      cap: cap * 2 ** 20,
    },
  })
  await reported('thread.ready', 2)
})

test.each([
  ['exit', 'called process.exit(3)'],
  ['stray-throw', 'from a timer'],
  ['stray-rejection', 'nobody listens'],
])('a task that ends its worker (%s) fails, the rest is taken back', async (name, message) => {
  const { thread, run, reported, results, runAll } = await rig('act')
  const { pid } = thread
  run(['value', name, 'ok'])
  await reported('chunk.ended')
  expect(results()).toMatchObject([
    { ok: true, place: 0 },
    { ok: false, place: 1, isRetryable: true, reason: { kind: 'threw', message } },
  ])
  expect(await reported('items.taken')).toMatchObject({ places: [2] })
  expect(await runAll(['ok'])).toMatchObject([{ ok: true }])
  expect(thread.pid).toBe(pid)
})
