import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { millis } from '../../src/model/units.ts'
import { until } from '../helpers/until.ts'
import { rig } from './rig.ts'

const outputs = [['out/', { slot: 'item' }, '.md']] as const

test('an item that makes its file succeeds, one that does not fails with that as the reason', async () => {
  const { runAll, folder } = await rig('makes')
  const [made, nothing, next] = await runAll(['a', 'nothing', 'b'], { outputs })
  expect(made).toMatchObject({ ok: true })
  expect(nothing).toMatchObject({
    ok: false,
    isRetryable: true,
    reason: { kind: 'output', message: 'made no out/nothing.md' },
  })
  expect(nothing).not.toHaveProperty('value')
  expect(next).toMatchObject({ ok: true })
  expect(readdirSync(join(folder, 'out'))).toEqual(['a.md', 'b.md'])
})

test.each(['throws', 'exits'])('what an item leaves that fails is removed: %s', async (name) => {
  const { runAll, folder } = await rig('makes')
  const [failed, next] = await runAll([name, 'a'], { outputs })
  expect(failed).toMatchObject({ ok: false, reason: { kind: 'threw' } })
  expect(next ?? { ok: true }).toMatchObject({ ok: true })
  expect(readdirSync(join(folder, 'out'))).not.toContain(`${name}.md`)
})

test.each(['spins', 'hears'])('what an item leaves that takes too long is removed: %s', async (name) => {
  const { runAll, folder } = await rig('makes')
  // Also where its time is over before it comes to that.
  mkdirSync(join(folder, 'out'))
  const [failed] = await runAll([name], { outputs, timeout: millis(1000) })
  expect(failed).toMatchObject({ ok: false, reason: { kind: 'timeout' } })
  expect(readdirSync(join(folder, 'out'))).toEqual([])
})

test('what was there before and is not touched stays', async () => {
  const { runAll, folder } = await rig('makes')
  await runAll(['nothing'], { outputs })
  writeFileSync(join(folder, 'out/nothing.md'), 'older')
  const [made] = await runAll(['nothing'], { outputs })
  expect(made).toMatchObject({ ok: true, value: '"a value"' })
  expect(readFileSync(join(folder, 'out/nothing.md'), 'utf8')).toBe('older')
})

test('an interrupted item leaves nothing either', async () => {
  const { run, folder, thread, reported } = await rig('makes')
  run(['hears'], { outputs })
  await until(() => existsSync(join(folder, 'out/hears.md')), { instead: () => readdirSync(folder).join() })
  thread.interrupt()
  await reported('items.interrupted')
  await reported('chunk.ended')
  expect(readdirSync(join(folder, 'out'))).toEqual([])
})

test('what an item leaves whose whole process dies is removed before that is told', async () => {
  const { run, folder, thread, reported } = await rig('makes')
  run(['a', 'spins'], { outputs })
  await until(() => existsSync(join(folder, 'out/spins.md')), { instead: () => readdirSync(folder).join() })
  // What its process says comes in order: by then all it said before is known.
  await reported('item.progressed')
  thread.kill()
  await reported('thread.lost')
  expect(readdirSync(join(folder, 'out'))).not.toContain('spins.md')
})

test('where there is no place for a file the item does not begin', async () => {
  const { runAll, folder } = await rig('makes')
  writeFileSync(join(folder, 'out'), 'in the way')
  const [failed] = await runAll(['a'], { outputs })
  expect(failed).toMatchObject({
    ok: false,
    reason: { kind: 'setup', message: expect.stringMatching(/^there is no place for out\/a.md: E/) },
  })
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('in the way')
})

test('a file may be named after a column of its item', async () => {
  const { thread, folder, run, reported } = await rig('makes')
  const columns = [['out/', { slot: 'column', name: 'to' }, '-', { slot: 'number' }]] as const
  const chunk = run([], {})
  await reported('chunk.ended')
  thread.run({
    ...chunk,
    id: chunk.id + 1000,
    batch: { ...chunk.batch, outputs: columns },
    names: ['nothing'],
    items: [4 as never],
    attempts: [1],
    fields: [{ to: 'ü' }],
  })
  expect((await reported('items.ended')).results[0]).toMatchObject({ reason: { message: 'made no out/ü-5' } })
  expect(readdirSync(join(folder, 'out'))).toEqual([])
})
