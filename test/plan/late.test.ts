import { expect, test } from 'vitest'
import { planHead, planText } from '../../src/output/plan.ts'
import { batchOf, load, planOf, problemsOf } from './rig.ts'

const plan = (items: string, more = '') => `batches:\n  - id: a\n    task: ./tasks/a.ts\n    items: ${items}\n${more}`

test('late items are not looked for before the run: their folder, file or table may come with it', async () => {
  const { batches, items, hasLate, folder } = await planOf(
    `batches:
  - { id: a, task: tasks/a.ts, items: { glob: "made/*", late: true }, cwd: tasks }
  - { id: b, task: tasks/a.ts, items: { file: made/list, late: true } }
  - { id: c, task: tasks/a.ts, items: { csv: made/table.csv, id: name, late: true } }
  - { id: d, task: tasks/a.ts, items: { command: "exit 3", late: true }, env: { LANG: C } }
  - { id: e, task: tasks/a.ts, items: [x] }
`,
  )
  expect([items, hasLate, batches.map(({ first, count }) => [first, count])]).toEqual([
    1,
    true,
    [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 1],
    ],
  ])
  expect(batches.map(({ late }) => late)).toEqual([
    { isListed: false, kind: 'glob', pattern: 'made/*', cwd: `${folder}/tasks` },
    { isListed: false, kind: 'file', path: `${folder}/made/list` },
    { isListed: false, kind: 'csv', path: `${folder}/made/table.csv`, id: 'name' },
    { isListed: false, kind: 'command', command: 'exit 3', cwd: folder, env: { LANG: 'C' } },
    undefined,
  ])
})

test('`late: false` is as if nothing was said', async () => {
  const batch = await batchOf('id: a, items: { glob: "tasks/*.ts", late: false }')
  expect([batch.late, batch.count]).toEqual([undefined, 1])
  expect(await planOf(plan('[x]'))).not.toHaveProperty('hasLate')
})

test('a plan of late batches alone has something to do', async () => {
  const result = await load(plan('{ command: "true", late: true }'))
  expect(result).toMatchObject({ ok: true, warnings: [], plan: { items: 0 } })
})

test.each([
  ['a number of items', '{ count: 3, late: true }'],
  ['a product', '{ product: { a: [1] }, late: true }'],
])('%s is known at once', async (_, items) => {
  expect(await problemsOf(plan(items))).toEqual([expect.stringMatching(/^unknown-key .* late$/)])
})

test('what cannot be late at all', async () => {
  expect(await problemsOf(plan('{ glob: "*", late: soon }'))).toEqual(['wrong-value 4:31 soon'])
  expect(await problemsOf(plan('{ late: true }'))).toHaveLength(1)
})

test('a late table may have any column that the batch names', async () => {
  const text = `batches:\n  - { id: a, items: { csv: t.csv, late: true }, run: 'echo {size} {}' }\n`
  expect((await planOf(text)).batches[0]?.work).toMatchObject({
    kind: 'command',
    run: { words: [['echo'], [{ slot: 'column', name: 'size' }], [{ slot: 'item' }]] },
  })
})

test('a plan that is shown says where late items come from, and counts what is known', async () => {
  const shown = await planOf(plan('{ glob: "made/*", late: true }', '  - { id: b, task: tasks/a.ts, items: [x, y] }\n'))
  expect(planHead(shown)).toContain('2 items and those of 1 late batch in 2 batches')
  expect(planText(shown, [0, 1] as never)).toMatch(/a .*late {2}listed when it may start: made\/\*/)
})
