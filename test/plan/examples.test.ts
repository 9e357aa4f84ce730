import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { bytes } from '../../src/model/units.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { GB, optionsOf, planOf } from './rig.ts'

const root = new URL('../../', import.meta.url)
const guide = readFileSync(new URL('docs/plan-file.md', root), 'utf8')
const examples = [...guide.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text)
const hello = readFileSync(new URL('plans/tasks/hello.ts', root), 'utf8')

/** A module without its comments. */
const code = (text: string) => text.replaceAll(/\/\*\*.*?\*\//gs, '').trim()

test('the guide has examples', () => {
  expect(examples.length).toBeGreaterThan(4)
})

test.each(examples.map((text, place) => [place + 1, text] as const))(
  'example %i of the guide is a plan',
  async (_, text) => {
    const plan = await planOf(text, { files: { 'tasks/hello.ts': hello } })
    expect(plan.items).toBeGreaterThan(0)
  },
)

test('the plan that the page about memory shows is one, and has its 12 GB', async () => {
  const page = readFileSync(new URL('docs/memory.md', root), 'utf8')
  const text = /^```yaml\n(.*?)^```$/ms.exec(page)?.[1] ?? ''
  const plan = await planOf(text, { files: { 'tasks/hello.ts': hello }, memory: 16 })
  expect(plan.memory).toMatchObject({ budget: 12 * GB, act: 0.95 })
  expect(plan.batches[0]?.memory).toBe(300 * 2 ** 20)
})

const readme = readFileSync(new URL('README.md', root), 'utf8')

test.each([...readme.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text))(
  'what the README shows is a plan: %j',
  async (text) => {
    const plan = await planOf(text, { files: { 'hello.ts': hello, 'logs/a/b.log': '' } })
    expect(plan.items).toBeGreaterThan(0)
  },
)

test('the task module that the guide shows is the one in plans/tasks', () => {
  const shown = /^```ts\n(.*?)^```$/ms.exec(guide)?.[1] ?? ''
  expect(code(shown)).toBe(code(hello))
})

test('426 stories fit a machine of 16 GB, with debt and checks on top', async () => {
  const result = await loadPlan(
    fileURLToPath(new URL('plans/stories-6x2gb.yaml', root)),
    optionsOf({ cores: 6, memory: 16 }),
  )
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'))
  const { plan, warnings } = result
  expect(warnings).toEqual([])
  expect(plan).toMatchObject({ name: 'stories-6x2gb', threads: 6, batchSize: 10, items: 426 + 25 + 9 })
  expect(plan.memory).toMatchObject({ perThread: 2 * GB, reserve: 4 * GB, budget: 12 * GB })
  const weeks = plan.phases.map((_, phase) =>
    plan.batches.filter((batch) => batch.phase === phase && batch.count > 1 && !/^(1\.6|5\.2)$/.test(batch.id)),
  )
  expect(weeks.map((batches) => batches.reduce((sum, { count }) => sum + count, 0))).toEqual([108, 94, 137, 77, 10])
})

test('the stories run with the command line of their document', async () => {
  const result = await loadPlan(
    fileURLToPath(new URL('plans/stories-6x2gb.yaml', root)),
    optionsOf({
      memory: 16,
      overrides: {
        threads: '6',
        memoryPerThread: bytes(2 * GB),
        batchSize: 10,
        priority: ['compliance', 'core', 'features', 'integration', 'testing'],
      },
    }),
  )
  expect(result.ok).toBe(true)
})

test('the stories do not fit a machine of 8 GB, and the sum says why', async () => {
  const result = await loadPlan(fileURLToPath(new URL('plans/stories-6x2gb.yaml', root)), optionsOf({ memory: 7.7 }))
  expect(result).toMatchObject({
    ok: false,
    diagnostics: [{ message: '6 threads x 2 GB = 12 GB, and 4 GB reserve = 16 GB; this machine has 7.7 GB.' }],
  })
})

const fill = fileURLToPath(new URL('plans/fill-16gb.yaml', root))

test('the plan that fills 16 GB fits a machine that is sold with as much', async () => {
  for (const memory of [16, 15.5]) {
    expect(await loadPlan(fill, optionsOf({ memory }))).toMatchObject({
      ok: true,
      plan: { threads: 6, memory: { perThread: 2 * GB, budget: 12 * GB } },
    })
  }
})

test('on 8 GB the plan that fills 16 GB is refused, and a quarter of it is fine as its comment says', async () => {
  expect(await loadPlan(fill, optionsOf({ memory: 7.7 }))).toMatchObject({
    ok: false,
    diagnostics: [{ message: 'The plan counts on 16 GB in all; this machine has 7.7 GB.' }],
  })
  const quarter = readFileSync(fill, 'utf8')
    .replace(/^memory: .*$/m, 'memory: { perThread: 512MB, reserve: 1GB }')
    .replaceAll(/\b(from|to): ([\d.]+)/g, (_, key: string, size: string) => `${key}: ${Number(size) / 4}`)
  const result = await loadPlan(fill, { ...optionsOf({ memory: 7.7 }), text: quarter })
  expect(result).toMatchObject({ ok: true, warnings: [], plan: { threads: 6, items: 45 } })
})
