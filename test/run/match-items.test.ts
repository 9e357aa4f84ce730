import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Batch, ColumnValues } from '../../src/model/plan.ts'
import { itemName } from '../../src/model/plan.ts'
import { matchItems, newPlace, placeOf } from '../../src/run/match-items.ts'
import { listedPlan } from '../helpers/edit-plan.ts'

const digits = fc.constantFrom('', '0', '1', '12')

/** Names that are likely to meet: few letters, digits on both sides of the number. */
const pattern = fc
  .record({
    prefix: fc.tuple(fc.constantFrom('', 'a', 'a-'), digits).map((parts) => parts.join('')),
    from: fc.nat(130),
    width: fc.nat(4),
    suffix: fc.tuple(digits, fc.constantFrom('', '-z')).map((parts) => parts.join('')),
    count: fc.nat(40),
  })
  .map((items) => batchOf(items))

const list = fc
  .uniqueArray(
    fc.oneof(
      fc.nat(130).map((number) => `a${number}`),
      fc.nat(99).map((number) => `a-0${number}`),
    ),
    { maxLength: 40 },
  )
  .map((items) => batchOf(items))

const value = fc.oneof(
  fc.constantFrom('1', '01', '2', '', ',', '=', 'b=1', 'a', '0.1', '0.10', '\n', '\udcff'),
  fc.nat(20).map(String),
)

const values = fc.oneof(
  fc.uniqueArray(value, { minLength: 1, maxLength: 4 }).map((texts): ColumnValues => ({ kind: 'list', values: texts })),
  fc.record<ColumnValues & { kind: 'pattern' }>({
    kind: fc.constant('pattern'),
    prefix: fc.constantFrom('', 'x'),
    from: fc.nat(12),
    width: fc.nat(3),
    suffix: fc.constant(''),
    count: fc.integer({ min: 1, max: 5 }),
  }),
)

const product = fc
  .uniqueArray(fc.constantFrom('a', 'b', 'seed'), { minLength: 1, maxLength: 3 })
  .chain((names) => fc.tuple(...names.map((name) => values.map((of) => ({ name, values: of })))))
  .map((columns) => batchOf({ product: columns }))

function batchOf(items: Parameters<typeof listedPlan>[0][number]['items']): Batch {
  return listedPlan([{ id: 'a', items }]).batches[0] as Batch
}

const namesOf = (batch: Batch) => Array.from({ length: batch.count }, (_, place) => itemName(batch, place))

test('an item is found where its name is, whatever makes the names of either side', () => {
  const named = list.map((batch) => namesOf(batch)).map((names) => batchOf([...names, 'a=1', 'a=1,b=2', 'a=,b=']))
  const batch = fc.oneof(pattern, list, product, named)
  fc.assert(
    fc.property(batch, batch, (old, next) => {
      const names = namesOf(next)
      const match = matchItems(old, next)
      const expected = namesOf(old).map((name) => names.indexOf(name))
      expect(namesOf(old).map((_, place) => newPlace(match, place))).toEqual(expected)
      expect(match.count).toBe(expected.filter((place) => place >= 0).length)
    }),
    { numRuns: 1000 },
  )
})

test('a range that is padded otherwise shares the names that need no padding', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ from: fc.nat(120), width: fc.nat(4), count: fc.nat(40) }), { minLength: 2, maxLength: 2 }),
      (ranges) => {
        const [old, next] = ranges.map((range) => batchOf({ prefix: 'x', suffix: '', ...range })) as [Batch, Batch]
        const names = namesOf(next)
        const match = matchItems(old, next)
        expect(namesOf(old).map((_, place) => newPlace(match, place))).toEqual(
          namesOf(old).map((name) => names.indexOf(name)),
        )
      },
    ),
    { numRuns: 500 },
  )
})

test('a list of which a stretch was changed, moved or taken out keeps the rest', () => {
  const names = fc.uniqueArray(fc.nat(60).map(String), { maxLength: 30 })
  fc.assert(
    fc.property(names, fc.nat(30), fc.nat(30), names, (all, from, count, fresh) => {
      const changed = [...new Set(all.toSpliced(from, count, ...fresh))]
      const match = matchItems(batchOf(all), batchOf(changed))
      expect(all.map((_, place) => newPlace(match, place))).toEqual(all.map((name) => changed.indexOf(name)))
    }),
    { numRuns: 300 },
  )
})

test('ranges of millions are compared without a name being made', () => {
  const [old, next] = [1, 5_000_001].map((from) =>
    batchOf({ prefix: 'x-', from, width: 3, suffix: '', count: 10_000_000 }),
  )
  expect(matchItems(old as Batch, next as Batch)).toEqual({
    kind: 'shift',
    from: 5_000_000,
    count: 5_000_000,
    shift: -5_000_000,
  })
})

test('an item of a product is found by its name, which is computed and never looked for', () => {
  fc.assert(
    fc.property(product, (batch) => {
      for (const [place, name] of namesOf(batch).entries()) expect(placeOf(batch, name)).toBe(place)
      for (const name of ['', 'a', 'a=', 'a=9', 'a=1,b=', 'b=1,a=1', 'a=1,b=2,seed=x3'])
        expect(placeOf(batch, name)).toBe(namesOf(batch).includes(name) ? namesOf(batch).indexOf(name) : undefined)
    }),
    { numRuns: 500 },
  )
  const range = { kind: 'pattern', prefix: '', from: 1, width: 0, suffix: '', count: 9000 } as const
  const wide = batchOf({ product: ['a', 'b'].map((name) => ({ name, values: range })) })
  expect(placeOf(wide, 'a=9000,b=9000')).toBe(80_999_999)
  for (const name of ['a=9000,b=9001', 'a=1,b=0', 'a=0,b=1', 'a=2,b=-1']) expect(placeOf(wide, name)).toBeUndefined()
})

test('a product of millions that is as it was, and a long list that becomes one, are compared quickly', () => {
  const range = { kind: 'pattern', prefix: '', from: 1, width: 0, suffix: '', count: 4000 } as const
  const sweep = (...names: readonly string[]) => batchOf({ product: names.map((name) => ({ name, values: range })) })
  const whole = matchItems(sweep('a', 'b'), sweep('a', 'b'))
  expect(whole).toEqual({ kind: 'shift', from: 0, count: 16_000_000, shift: 0 })
  const names = Array.from({ length: 50_000 }, (_, place) => `a=${place + 1}`)
  expect(matchItems(batchOf(names), sweep('a')).count).toBe(4000)
  expect(matchItems(sweep('a'), batchOf(names.toReversed())).count).toBe(4000)
})
