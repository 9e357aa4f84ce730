import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Batch } from '../../src/model/plan.ts'
import { itemName } from '../../src/model/plan.ts'
import { matchItems, newPlace } from '../../src/run/match-items.ts'
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

function batchOf(items: Parameters<typeof listedPlan>[0][number]['items']): Batch {
  return listedPlan([{ id: 'a', items }]).batches[0] as Batch
}

const namesOf = (batch: Batch) => Array.from({ length: batch.count }, (_, place) => itemName(batch, place))

test('an item is found where its name is, whatever makes the names of either side', () => {
  const batch = fc.oneof(pattern, list)
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
