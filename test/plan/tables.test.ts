import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { itemFields, itemName } from '../../src/model/plan.ts'
import { listItems } from '../../src/plan/list-items.ts'
import { batchOf, diagnosticsOf, folderWith } from './rig.ts'

/** What is said of a table, by the line of the file. */
async function saidOf(table: string | Buffer, id?: string): Promise<readonly string[]> {
  const path = join(folderWith({}), 'data.csv')
  writeFileSync(path, table)
  const listing = await listItems({ kind: 'csv', path, ...(id === undefined ? {} : { id }) })
  if (listing.ok) throw new Error('nothing is wrong with it')
  return [
    ...listing.message.replaceAll(`${path}:`, '').split('\n'),
    ...(listing.hint === undefined ? [] : [listing.hint]),
  ]
}

test('each row of a table is an item, named by its id, with the columns of the first line as fields', async () => {
  const table = '\ufeffsize,name,note\r\n0.10,a,"x, ""y"""\r\n\r\n2,b c,"two\r\nlines"\r\n3,ü,\r\n'
  const batch = await batchOf('id: a, items: { csv: sub/data.csv, id: name }, cwd: tasks', {
    files: { 'sub/data.csv': table },
  })
  const all = Array.from({ length: batch.count }, (_, place) => [itemName(batch, place), itemFields(batch, place)])
  expect(all).toEqual([
    ['a', { size: '0.10', name: 'a', note: 'x, "y"' }],
    ['b c', { size: '2', name: 'b c', note: 'two\r\nlines' }],
    ['ü', { size: '3', name: 'ü', note: '' }],
  ])
})

test('items are named by the first column where no other is asked', async () => {
  const batch = await batchOf('id: a, items: { csv: data.csv }', { files: { 'data.csv': 'n,id\n7,x\n8,x' } })
  expect(batch.names).toEqual({
    kind: 'list',
    names: ['7', '8'],
    table: {
      columns: ['n', 'id'],
      rows: [
        ['7', 'x'],
        ['8', 'x'],
      ],
    },
  })
})

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

test('whatever cells hold, they are read as they were written', async () => {
  const cell = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ' ', 'a', 'ü', '😀', "'", ';') })
  const rows = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(rows, fc.constantFrom('\n', '\r\n'), async (cells, end) => {
      const named = cells.map((row, place) => [`row ${place}`, ...row])
      const path = join(folderWith({}), 'data.csv')
      const lines = [['id', 'x', 'y'], ...named].map((row) => row.map(quoted).join(','))
      writeFileSync(path, lines.join(end))
      expect(await listItems({ kind: 'csv', path })).toEqual({
        ok: true,
        names: named.map(([name]) => name),
        table: { columns: ['id', 'x', 'y'], rows: named },
      })
    }),
    { numRuns: 100 },
  )
})

test('every wrong row is told with the line it begins in', async () => {
  const table = 'id,x\r\na,"1\r\n2\n3"\r\n\r\nb\r\nc,1,2\r\n,5\r\na,6\r\nd,7\r\n'
  expect(await saidOf(table)).toEqual([
    '6: the row has 1 cell, the first line names 2.',
    '7: the row has 3 cells, the first line names 2.',
    "8: the row has no `id`, which is the item's name.",
    '9: `a` comes twice; items have different names.',
  ])
  const many = `id\n${'x\n'.repeat(20)}`
  expect(await saidOf(many)).toHaveLength(6)
  expect((await saidOf(many)).at(-1)).toBe('And 14 more like that.')
})

test.each([
  ['a column that is not there', 'key,x\na,1\n', 'kye', ['1: there is no column `kye`.', 'Did you mean `key`?']],
  [
    'columns without a name or twice',
    'a,,a\n1,2,3\n',
    undefined,
    ['1: column 2 has no name.', '1: the column `a` stands twice.'],
  ],
  ['a quote that is never closed', 'a,b\n1,2\n3,"4\n5,6\n', undefined, ['3: a quote is opened and never closed.']],
  [
    'text behind a quote',
    'a\n"x"\n"y"z\n',
    undefined,
    ['3: something stands behind a closing quote; a quote within a cell is written twice.'],
  ],
  [
    'a quote in the middle',
    'a\nx"y\n',
    undefined,
    ['2: a quote stands in a cell that does not begin with one; such a cell is written in quotes, the quote twice.'],
  ],
  ['a line that is no UTF-8', Buffer.from('a\nx\n\xe9\n', 'latin1'), undefined, ['3: this line is no UTF-8.']],
  ['NUL', 'a\nx\ny\0\n', undefined, ['3: there is a NUL character, which no command could be given.']],
])('%s is told with its line', async (_, table, id, said) => {
  expect(await saidOf(table, id)).toEqual(said)
})

test('a table without a first line is refused, one without rows gives no items', async () => {
  const plan = 'batches:\n  - { id: a, task: tasks/a.ts, items: { csv: data.csv } }\n  - { id: b, task: tasks/a.ts }\n'
  const [empty] = await diagnosticsOf(plan, { files: { 'data.csv': '\n' } })
  expect(empty).toMatchObject({ rule: 'bad-items', line: 2, column: 46 })
  expect(empty?.message).toMatch(/data\.csv is empty: its first line must name the columns\.$/)
  expect(await diagnosticsOf(plan, { files: { 'data.csv': 'a,b\n' } })).toMatchObject([
    { rule: 'no-items', severity: 'warning', message: 'This csv gives no items: batch `a` has nothing to do.' },
  ])
})
