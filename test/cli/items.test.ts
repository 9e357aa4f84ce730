import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findItem } from '../../src/cli/items.ts'
import type { Batch, Plan } from '../../src/model/plan.ts'
import { batchOf, itemName } from '../../src/model/plan.ts'
import { buildPlan } from '../helpers/build-plan.ts'

const base = buildPlan({
  batches: [
    { id: 'a', count: 3 },
    { id: 'b', count: 4 },
    { id: 'c', count: 12 },
  ],
})
const [a, b, c] = base.batches as [Batch, Batch, Batch]
/** Batch b lists its names; one is also in a, one holds a colon, one looks like a number. */
const plan: Plan = {
  ...base,
  batches: [a, { ...b, names: { kind: 'list', names: ['x', 'a-001', 'c:y', '@3'] } }, c],
}

test.each([
  ['a-002', 1],
  ['x', 3],
  ['b:x', 3],
  ['a:a-001', 0],
  ['b:a-001', 4],
  ['c:y', 5],
  ['b:c:y', 5],
  ['@3', 2],
  ['@19', 18],
  ['c-012', 18],
])('%s is item %i', (text, item) => {
  expect(findItem(plan, text)).toBe(item)
})

test.each([
  ['a-001', '2 items are called a-001.', 'Say a:a-001 (@1), b:a-001 (@5).'],
  ['a-01', 'There is no item a-01 in this run.', 'Did you mean a-001?'],
  ['a-004', 'There is no item a-004 in this run.', 'Did you mean a-001?'],
  ['nothing-like-it', 'There is no item nothing-like-it in this run.', '`batchtop items` lists them.'],
  ['@0', 'There is no item @0.', 'Items are numbered @1 to @19.'],
  ['@20', 'There is no item @20.', 'Items are numbered @1 to @19.'],
])('%s: %s', (text, message, hint) => {
  expect(() => findItem(plan, text)).toThrow(expect.objectContaining({ message, hint, exit: 4 }))
})

test('every item is found by batch and name, and by number', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: plan.items - 1 }), (item) => {
      const batch = batchOf(plan, item as never)
      const name = itemName(batch, item - batch.first)
      expect(findItem(plan, `${batch.id}:${name}`)).toBe(item)
      expect(findItem(plan, `@${item + 1}`)).toBe(item)
    }),
  )
})

test('a name that is no UTF-8 cannot be typed: its items are told by number, wherever they look like it', () => {
  const names = ['caf\udce9', 'caf\udcff', 'caf\ufffd!', 'two\nlines']
  const odd: Plan = { ...base, batches: [a, { ...b, names: { kind: 'list', names } }, c] }
  const hint = 'A name that is no UTF-8 cannot be typed: say @4 or @5.'
  for (const typed of ['caf\ufffd', 'b:caf\ufffd']) {
    const message = `There is no item ${typed} in this run.`
    expect(() => findItem(odd, typed)).toThrow(expect.objectContaining({ message, hint, exit: 4 }))
  }
  expect(findItem(odd, 'caf\ufffd!')).toBe(5)
  expect(findItem(odd, 'two\nlines')).toBe(6)
  expect(findItem(odd, 'caf\udce9')).toBe(3)
  // What cannot be typed is no help either.
  expect(() => findItem(odd, 'two\nline')).toThrow(
    expect.objectContaining({
      message: 'There is no item two line in this run.',
      hint: '`batchtop items` lists them.',
    }),
  )
})
