import { realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { BatchtopError } from '../../src/model/errors.ts'
import { itemName } from '../../src/model/plan.ts'
import { millis } from '../../src/model/units.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { batchOf, folderWith, load, optionsOf, planOf } from './rig.ts'

test('a batch of id and task alone has one item named as it, and sensible defaults', async () => {
  const plan = await planOf('batches:\n  - { id: a, task: ./tasks/a.ts }\n')
  const [batch] = plan.batches
  expect(plan).toMatchObject({ name: 'plan', categories: [], phases: [], isOrdered: true, items: 1 })
  expect(batch).toEqual({
    index: 0,
    id: 'a',
    title: 'a',
    level: 'medium',
    threads: [],
    isThreadsOnly: false,
    first: 0,
    count: 1,
    names: { kind: 'list', names: ['a'] },
    special: {},
    work: { kind: 'module', task: join(plan.folder, 'tasks/a.ts'), with: null, cwd: plan.folder, env: {} },
    needs: [],
    retry: { attempts: 1, min: 2000, max: 60_000 },
  })
})

test('every field of a batch arrives', async () => {
  const text = `
priority: [core, tests]
retry: { attempts: 5, max: 5m }
timeout: 10m
batchSize: 7
phases: { ordered: false, list: [{ id: p, title: First }] }
batches:
  - { id: a, task: tasks/a.ts, items: [x, y] }
  - id: b
    title: The second
    phase: p
    category: tests
    level: critical
    threads: [2, 1, 2]
    threadsOnly: true
    parallel: 3
    task: tasks/b.mjs
    with: { n: 1.50, list: [true, null] }
    needs: [a, { phase: p2, when: ended }, { batch: a, when: ended }]
    cwd: tasks
    estimate: 3d..5d
    retry: { attempts: 2 }
    timeout: 90
    env: { A: 1.0, B: true, C: x }
  - { id: c, task: tasks/a.ts, estimate: { item: 2s }, phase: p2 }
`.replace('title: First }', 'title: First }, { id: p2 }')
  const plan = await planOf(text)
  expect(plan).toMatchObject({
    batchSize: 7,
    categories: ['core', 'tests'],
    isOrdered: false,
    phases: [
      { id: 'p', title: 'First' },
      { id: 'p2', title: 'p2' },
    ],
    items: 4,
  })
  expect(plan.batches[0]).toMatchObject({ timeout: 600_000, retry: { attempts: 5, min: 2000, max: 300_000 } })
  expect(plan.batches[1]).toMatchObject({
    title: 'The second',
    phase: 0,
    category: 1,
    level: 'critical',
    threads: [2, 1],
    isThreadsOnly: true,
    parallel: 3,
    first: 2,
    needs: [
      { kind: 'batch', index: 0, when: 'succeeded' },
      { kind: 'phase', index: 1, when: 'ended' },
    ],
    estimate: { of: 'batch', low: 259_200_000, high: 432_000_000 },
    retry: { attempts: 2, min: 2000, max: 300_000 },
    timeout: 90_000,
    work: {
      task: join(plan.folder, 'tasks/b.mjs'),
      cwd: join(plan.folder, 'tasks'),
      with: { n: 1.5, list: [true, null] },
      env: { A: '1.0', B: 'true', C: 'x' },
    },
  })
  expect(plan.batches[2]).toMatchObject({ estimate: { of: 'item', low: 2000, high: 2000 } })
})

test('ids and names are taken as they are written', async () => {
  const plan = await planOf(`
name: 1.50
priority: [1.0, 0x10]
phases: { list: [{ id: 007 }] }
batches:
  - { id: 1.10, title: 2.0, phase: 007, category: 0x10, task: tasks/a.ts, items: [1.0, 1e3, true, 012] }
  - { id: 1.1, task: tasks/a.ts, needs: [1.10, { phase: 007 }] }
`)
  expect(plan).toMatchObject({ name: '1.50', categories: ['1.0', '0x10'], phases: [{ id: '007' }] })
  expect(plan.batches.map(({ id, title }) => [id, title])).toEqual([
    ['1.10', '2.0'],
    ['1.1', '1.1'],
  ])
  expect(plan.batches[0]?.names).toEqual({ kind: 'list', names: ['1.0', '1e3', 'true', '012'] })
  expect(plan.batches[1]?.needs).toMatchObject([{ kind: 'batch' }, { kind: 'phase' }])
})

test('items of a list may differ from their batch', async () => {
  const batch = await batchOf(
    'id: a, with: { all: 1 }, items: [x, { id: y, with: [2], task: tasks/b.mjs, estimate: 5s }, { id: z }]',
  )
  expect(batch.names).toEqual({ kind: 'list', names: ['x', 'y', 'z'] })
  expect(batch.special).toEqual({
    1: { task: expect.stringMatching(/\/tasks\/b\.mjs$/) as string, with: [2], estimate: 5000 },
    2: {},
  })
})

test('ten million items are a pattern, never a list', async () => {
  const batch = await batchOf('id: a, items: { count: 10000000, name: "row-{}.txt" }')
  expect(batch.count).toBe(10_000_000)
  expect([itemName(batch, 0), itemName(batch, 9_999_999)]).toEqual(['row-1.txt', 'row-10000000.txt'])
  const unnamed = await batchOf('id: a, items: { count: 3 }')
  expect(itemName(unnamed, 2)).toBe('a-3')
})

test('anchors and merge keys work', async () => {
  const text =
    'batches:\n  - &a { id: a, task: tasks/a.ts, with: &w { x: 1 } }\n  - { <<: *a, id: b, needs: [a] }\n  - { <<: [*a], id: c, with: *w }\n'
  const plan = await planOf(text)
  expect(plan.batches.map(({ id, work }) => [id, 'with' in work ? work.with : undefined])).toEqual([
    ['a', { x: 1 }],
    ['b', { x: 1 }],
    ['c', { x: 1 }],
  ])
})

test('threads that are not there are no reason to wait', async () => {
  const plan = await planOf(
    'threads: 2\nbatches:\n  - { id: a, task: tasks/a.ts, threads: [2, 9] }\n  - { id: b, task: tasks/a.ts, threads: [9], threadsOnly: true }\n',
  )
  expect(plan.batches).toMatchObject([
    { threads: [2], isThreadsOnly: false },
    { threads: [], isThreadsOnly: false },
  ])
})

test('paths are found from the folder where the plan file really is', async () => {
  const folder = folderWith({
    'real/tasks/a.mts': '',
    'real/plan.yaml': 'batches:\n  - { id: a, task: tasks/a.mts, cwd: .. }\n',
    'other/x': '',
  })
  symlinkSync('../real/plan.yaml', join(folder, 'other/link.yaml'))
  const result = await loadPlan(join(folder, 'other/link.yaml'), optionsOf())
  if (!result.ok) throw new Error('not loaded')
  expect(result.text).toContain('tasks/a.mts')
  expect(result.plan).toMatchObject({
    name: 'link',
    path: join(folder, 'real/plan.yaml'),
    folder: join(folder, 'real'),
  })
  expect(result.plan.batches[0]?.work).toMatchObject({
    task: join(folder, 'real/tasks/a.mts'),
    cwd: realpathSync(folder),
  })
})

test('a plan that survives JSON is the same plan', async () => {
  const plan = await planOf('batches:\n  - { id: a, task: tasks/a.ts, items: [x, { id: y, with: 1 }], timeout: 3s }\n')
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
})

test('options of the command line go before the file, for every batch', async () => {
  const text = `
threads: 2
batchSize: 5
priority: [a, b, c]
timeout: 1h
batches:
  - { id: x, task: tasks/a.ts, retry: { attempts: 3, min: 1s }, timeout: 2h }
`
  const plan = await planOf(text, {
    overrides: { threads: '3', batchSize: 9, priority: ['c', 'a'], retries: 4, timeout: millis(5000) },
  })
  expect(plan).toMatchObject({ threads: 3, batchSize: 9, categories: ['c', 'a', 'b'] })
  expect(plan.batches[0]).toMatchObject({ retry: { attempts: 4, min: 1000 }, timeout: 5000 })
})

test.each([
  [{ threads: 'many' }, '--threads many'],
  [{ threads: '600' }, '--threads 600'],
  [{ threads: '0' }, '--threads 0'],
  [{ threads: '0%' }, '--threads 0%'],
  [{ batchSize: 0 }, '--batch-size 0'],
  [{ retries: 1.5 }, '--retries 1.5'],
  [{ priority: ['coer'] }, 'category `coer`'],
])('an option that makes no sense is refused by name: %j', async (overrides, message) => {
  const loading = load('priority: [core]\nbatches:\n  - { id: a, task: tasks/a.ts }\n', { overrides })
  await expect(loading).rejects.toMatchObject({
    code: 'bad-option',
    exit: 2,
    message: expect.stringContaining(message) as string,
  })
})

test('a plan file that is not there is told with the one that was meant', async () => {
  const folder = folderWith({ 'stories.yaml': '', 'plans/audit.yaml': '' })
  const failing = async (name: string) => loadPlan(join(folder, name), optionsOf()).catch((error: unknown) => error)
  const missing = await failing('storys.yaml')
  expect(missing).toBeInstanceOf(BatchtopError)
  expect(missing).toMatchObject({
    code: 'plan-not-found',
    exit: 2,
    hint: `Did you mean ${join(folder, 'stories.yaml')}?`,
  })
  expect(await failing('audit')).toMatchObject({ hint: `Did you mean ${join(folder, 'plans/audit.yaml')}?` })
  expect(await failing('plans')).toMatchObject({
    code: 'plan-not-found',
    message: expect.stringContaining('it is a folder') as string,
  })
})
