import { expect, test } from 'vitest'
import { itemFields, itemName } from '../../src/model/plan.ts'
import { batchOf, diagnosticsOf, problemsOf } from './rig.ts'

test('a product has an item for every combination, the last column changing fastest', async () => {
  const batch = await batchOf('id: a, items: { product: { beta: [0.1, 0.20], on: [true, "x y", ""], seed: 08..10 } }')
  const names = Array.from({ length: batch.count }, (_, place) => itemName(batch, place))
  expect(names).toHaveLength(18)
  expect(names.slice(0, 4)).toEqual([
    'beta=0.1,on=true,seed=08',
    'beta=0.1,on=true,seed=09',
    'beta=0.1,on=true,seed=10',
    'beta=0.1,on=x y,seed=08',
  ])
  expect(names.at(-1)).toBe('beta=0.20,on=,seed=10')
  expect(itemFields(batch, 17)).toEqual({ beta: '0.20', on: '', seed: '10' })
  expect(new Set(names).size).toBe(18)
})

test('values of a product are the text that stands in the file', async () => {
  const batch = await batchOf('id: a, items: { product: { n: [1e3, 0x10, 1_0, 007, ~x, 2026-11-21], with: [1.10] } }')
  expect(itemFields(batch, 0)).toEqual({ n: '1e3', with: '1.10' })
  expect(Array.from({ length: 6 }, (_, place) => itemFields(batch, place)?.['n'])).toEqual([
    '1e3',
    '0x10',
    '1_0',
    '007',
    '~x',
    '2026-11-21',
  ])
})

test('a product of ranges is never listed', async () => {
  const batch = await batchOf('id: a, items: { product: { a: 1..1000, b: x1..x9000 } }')
  expect(batch).toMatchObject({ count: 9_000_000, names: { kind: 'product' } })
  expect(itemName(batch, 8_999_999)).toBe('a=1000,b=x9000')
})

const plan = (product: string) => `batches:\n  - { id: a, task: tasks/a.ts, items: { product: ${product} } }\n`

test.each([
  ['no column', '{}', ['bad-product 2:50 {}']],
  ['no value', '{ a: [] }', ['wrong-value 2:55 []']],
  ['a value that is no list', '{ a: 5 }', ['bad-range 2:55 5']],
  ['a range that ends before it begins', '{ a: 5..1 }', ['bad-range 2:55 5..1']],
  ['a map as value', '{ a: [{ b: 1 }] }', ['wrong-value 2:56 { b: 1 }']],
  ['nothing as value', '{ a: [~] }', ['wrong-value 2:56 ~']],
  ['a column that is no word', '{ "a b": [1], 1: [2] }', ['bad-product 2:52 "a b"', 'bad-product 2:64 1']],
  ['a column called batch', '{ batch: [1] }', ['bad-product 2:52 batch']],
  ['a value twice', '{ a: [x, y, x] }', ['duplicate-item 2:62 x']],
  ['combinations of the same name', '{ a: [1, "1,b=2"], b: ["2,b=3", 3] }', ['bad-product 2:55 [1, "1,b=2"]']],
  ['too many', '{ a: 1..100000, b: 1..100000, c: 1..100000 }', ['too-many-items 1:1 batches']],
  ['a key beside it', '{ a: [1] }, count: 3', ['unknown-key 2:41 product']],
])('a product with %s is told where it stands', async (_, product, problems) => {
  expect(await problemsOf(plan(product))).toEqual(problems)
})

test('keys of two kinds of items do not go together', async () => {
  const [found] = await diagnosticsOf(plan('{ a: [1] }, count: 3'))
  expect(found?.message).toBe('`product` does not go together with what stands beside it.')
})
