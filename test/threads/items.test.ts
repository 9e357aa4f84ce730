import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { batchIndex } from '../../src/model/ids.ts'
import { bytes } from '../../src/model/units.ts'
import { rig } from './rig.ts'
import { chunkOf, fixture, workOf } from './work.ts'

const reasonOf = (result: unknown): unknown => (result as { reason?: unknown }).reason

test('a chunk of plain successes comes back as runs of times, each place once', async () => {
  const { runAll, reports } = await rig('noop')
  const names = Array.from({ length: 500 }, (_, number) => `row-${number}`)
  const results = await runAll(names)
  expect(results.map(({ place }) => place)).toEqual(names.map((_, place) => place))
  expect(reports.some(({ type }) => type === 'items.ended')).toBe(false)
  expect(results.every(({ ms }) => ms >= 0 && ms < 10_000)).toBe(true)
})

test('values come back as JSON text', async () => {
  const { runAll } = await rig('act')
  const results = await runAll(['value', 'null', 'ok'])
  expect(results).toMatchObject([
    { ok: true, place: 0, value: '{"number":1,"text":"Grüße"}' },
    { ok: true, place: 1, value: 'null' },
    { ok: true, place: 2 },
  ])
  expect(results[2]).not.toHaveProperty('value')
})

test('a value that is no JSON or too long fails the item and says so', async () => {
  const { runAll } = await rig('act')
  const results = await runAll(['function', 'bigint', 'cycle', 'big'])
  expect(results.map(reasonOf)).toMatchObject([
    { kind: 'threw', message: 'the returned value is not JSON: it is a function' },
    { kind: 'threw', message: expect.stringContaining('BigInt') },
    { kind: 'threw', message: expect.stringContaining('circular') },
    { kind: 'threw', message: expect.stringContaining('66562 bytes as JSON, more than 65536') },
  ])
})

test('what a task throws is the reason, its stack is in the log, and the next item runs', async () => {
  const { runAll, log } = await rig('act')
  const [thrown, text, ok] = await runAll(['throw', 'throw-text', 'ok'])
  expect(thrown).toMatchObject({
    ok: false,
    isRetryable: true,
    reason: { kind: 'threw', message: 'no such page', code: 'E404' },
  })
  expect(await log(thrown?.log)).toContain('act.ts')
  expect(reasonOf(text)).toEqual({ kind: 'threw', message: 'just text' })
  expect(ok).toMatchObject({ ok: true, place: 2 })
})

test('retryable(error) can say no, RetryAfter asks for a later try', async () => {
  const { runAll } = await rig('act')
  const [final, later] = await runAll(['throw-final', 'later'])
  expect(final).toMatchObject({ ok: false, isRetryable: false })
  expect(later).toMatchObject({ ok: false, isRetryable: true, retryAfter: 30_000 })
})

test('a batch may keep less of what its items print', async () => {
  const { runAll, log } = await rig('act')
  const [cut] = await runAll(['print#a'], { logLimit: bytes(5) })
  expect(await log(cut?.log)).toBe('log p\n[batchtop: output beyond 5 bytes is not kept]\n')
})

test('what an item prints is its own log, in order', async () => {
  const { runAll, log } = await rig('act')
  const [first, silent, second] = await runAll(['print#a', 'ok', 'print#b'])
  expect(await log(first?.log)).toBe('log print#a\nerror 1\ncontext\nbytes\n')
  expect(silent).not.toHaveProperty('log')
  expect(await log(second?.log)).toBe('log print#b\nerror 1\ncontext\nbytes\n')
})

test('an item sees its environment, its folder and what the plan gives it', async () => {
  const { runAll, folder } = await rig('act')
  const cwd = join(folder, 'work')
  mkdirSync(cwd)
  const { work } = workOf('act', folder)
  const batch = { work: { ...work, cwd, env: { GREETING: 'hello' } }, special: { 2: { with: { language: 'en' } } } }
  const [env, place, context] = (await runAll(['env', 'cwd', 'context'], batch)).map((result) =>
    JSON.parse((result as { value: string }).value),
  )
  expect(env).toMatchObject({
    GREETING: 'hello',
    BATCHTOP_RUN: '7f3a',
    BATCHTOP_EPOCH: '1',
    BATCHTOP_THREAD: '1',
    BATCHTOP_BATCH: 'demo',
    BATCHTOP_ITEM: 'env',
    BATCHTOP_NUMBER: '1',
    BATCHTOP_ATTEMPT: '1',
    BATCHTOP_KEY: '7f3a/demo/env',
    PARALLEL_SEQ: '1',
    PARALLEL_JOBSLOT: '1',
  })
  expect(env).not.toHaveProperty('NODE_OPTIONS')
  expect(place).toBe(cwd)
  expect(context).toEqual({
    attempt: 1,
    thread: 1,
    batch: 'demo',
    key: '7f3a/demo/context',
    given: { language: 'en' },
    item: { id: 'context', number: 3, batch: 'demo', data: { language: 'en' } },
  })
})

test('the columns of an item are its data, unless it is given something of its own', async () => {
  const { thread, folder, reported, results } = await rig('act')
  const special = { 1: { with: [1] } }
  const chunk = chunkOf(workOf('act', folder, { special }), ['context#a', 'context#b', 'context#c'])
  thread.run({ ...chunk, fields: [{ beta: '0.10', 'a b': '' }, { beta: '1' }, { beta: '2' }] })
  await reported('chunk.ended')
  const data = results().map((result) => JSON.parse((result as { value: string }).value).item.data)
  expect(data).toEqual([{ beta: '0.10', 'a b': '' }, [1], { beta: '2' }])
})

test('a folder that is not there fails the items, not the thread', async () => {
  const { runAll, folder } = await rig('act')
  const { work } = workOf('act', folder)
  const cwd = join(folder, 'late')
  const batch = workOf('act', folder, { work: { ...work, cwd } })
  expect((await runAll(['ok'], batch)).map(reasonOf)).toMatchObject([
    { kind: 'setup', message: expect.stringContaining(cwd) },
  ])
  mkdirSync(cwd)
  expect(await runAll(['ok'], batch)).toMatchObject([{ ok: true }])
})

test('a module that cannot be loaded, or has no task, is a reason of its own', async () => {
  const { runAll, folder } = await rig('act')
  const special = {
    0: { task: fixture('broken') },
    1: { task: fixture('no-default') },
    2: { task: join(folder, 'none.ts') },
  }
  const results = await runAll(['a', 'b', 'c', 'ok'], { special })
  expect(results.slice(0, 3).map(reasonOf)).toMatchObject([
    { kind: 'setup', message: expect.stringContaining('cannot be loaded: Unexpected token') },
    { kind: 'setup', message: expect.stringContaining('default export') },
    { kind: 'setup', code: 'ERR_MODULE_NOT_FOUND' },
  ])
  expect(results[3]).toMatchObject({ ok: true })
})

test('setup runs once before the first item of a batch, teardown when the thread goes on or stops', async () => {
  const { runAll, folder, thread } = await rig('batches')
  await runAll(['a', 'b'])
  await runAll(['c'])
  await runAll(['d'], { index: batchIndex(1), id: 'next' })
  await thread.stop()
  const calls = readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')
  expect(calls).toEqual(['setup demo', 'a', 'b', 'c', 'teardown demo', 'setup next', 'd', 'teardown next'])
})

test('an item whose setup throws fails, the next one tries the setup again', async () => {
  const { runAll, folder } = await rig('batches')
  const { work } = workOf('batches', folder)
  const results = await runAll(['a', 'b'], { work: { ...work, with: { folder, fails: 1 } } })
  expect(results[0]).toMatchObject({ ok: false, reason: { kind: 'setup', message: 'setup threw: no database' } })
  expect(results[1]).toMatchObject({ ok: true })
})

test('results() gives the durable values of a needed batch, file after file, and of no other', async () => {
  const { runAll, folder } = await rig('act')
  const lines = [1, 2, 3].map((value) => `${JSON.stringify({ item: `row-${value}`, value })}\n`)
  const files = [join(folder, 'first-1.ndjson'), join(folder, 'first-2.ndjson')]
  writeFileSync(files[0] ?? '', lines.slice(0, 2).join(''))
  writeFileSync(files[1] ?? '', `${lines[2]}{"item":"not dur`)
  const end = lines.join('').length
  const [read, stranger] = await runAll(['results', 'results-of-stranger'], {
    results: [{ batch: 'first', files, end }],
  })
  expect(JSON.parse((read as { value: string }).value)).toEqual(
    [1, 2, 3].map((value) => ({ item: `row-${value}`, value })),
  )
  expect(reasonOf(stranger)).toMatchObject({ kind: 'threw', message: expect.stringContaining('stranger') })
})
