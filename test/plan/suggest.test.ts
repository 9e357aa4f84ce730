import { expect, test } from 'vitest'
import { closest, suggestion } from '../../src/plan/suggest.ts'

test.each([
  ['treads', 'threads'],
  ['tiemout', 'timeout'],
  ['Needs', 'needs'],
  ['batchsize', 'batchSize'],
  ['zzz', undefined],
])('%s was meant as %s', (word, meant) => {
  expect(closest(word, ['threads', 'timeout', 'needs', 'batchSize'])).toBe(meant)
})

test('where nothing is near, the hint names what there is', () => {
  expect(suggestion('zzz', ['core', 'tests'], 'categories')).toBe('The categories: core, tests.')
  expect(suggestion('zzz', [], 'phases')).toBe('There are no phases in this plan.')
  const many = Array.from({ length: 20 }, (_, place) => `batch-${place}`)
  expect(suggestion('zzz', many, 'batches')).toMatch(/batch-7 and 12 more\.$/)
})
