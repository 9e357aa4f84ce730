import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Batch, itemName } from '../../src/model/plan.ts'
import { parseRange } from '../../src/plan/range.ts'

function namesOf(text: string): readonly string[] {
  const result = parseRange(text)
  if (!result.ok) throw new Error(result.problem)
  const { count, ...pattern } = result.range
  const batch = { names: { kind: 'pattern', ...pattern } } as unknown as Batch
  return Array.from({ length: count }, (_, place) => itemName(batch, place))
}

test.each([
  ['US-008..US-011', ['US-008', 'US-009', 'US-010', 'US-011']],
  ['US-8..US-11', ['US-8', 'US-9', 'US-10', 'US-11']],
  ['08..10', ['08', '09', '10']],
  ['098..101', ['098', '099', '100', '101']],
  ['0..2', ['0', '1', '2']],
  ['img9.mp4..img11.mp4', ['img9.mp4', 'img10.mp4', 'img11.mp4']],
  ['v1-1..v1-3', ['v1-1', 'v1-2', 'v1-3']],
  ['US-1 .. US-2', ['US-1', 'US-2']],
  ['US-7..US-7', ['US-7']],
  ['1.8..1.10', ['1.8', '1.9', '1.10']],
])('%s names each number once, with its padding', (text, names) => {
  expect(namesOf(text)).toEqual(names)
})

test.each([
  ['US-1', 'no range'],
  ['..US-2', 'no range'],
  ['US-1..', 'no range'],
  ['US-1..UX-2', 'alike but for one number'],
  ['US-1..US-', 'alike but for one number'],
  ['v1-1..v2-3', 'alike but for one number'],
  ['a..a', 'alike but for one number'],
  ['US-5..US-4', 'ends before it begins'],
  ['US-1..US-010', 'padded differently'],
  ['US-1..US-99999999999999999999', 'too big'],
])('%s is refused: %s', (text, problem) => {
  expect(parseRange(text)).toMatchObject({ ok: false, problem: expect.stringContaining(problem) as string })
})

test('a range of ten million names is as quick as one of two', () => {
  expect(parseRange('row-0..row-9999999')).toMatchObject({ ok: true, range: { count: 10_000_000 } })
})

test('whatever the ends, the first and the last name are the ends themselves', () => {
  const digits = fc.integer({ min: 0, max: 999_999 })
  fc.assert(
    fc.property(
      fc.stringMatching(/^[a-z-]{0,5}$/),
      digits,
      digits,
      fc.integer({ min: 1, max: 6 }),
      (word, a, b, width) => {
        const first = word + String(Math.min(a, b)).padStart(width, '0')
        const last = word + String(Math.max(a, b)).padStart(width, '0')
        const result = parseRange(`${first}..${last}`)
        if (!result.ok) throw new Error(result.problem)
        const { count, ...pattern } = result.range
        const batch = { names: { kind: 'pattern', ...pattern } } as unknown as Batch
        expect([itemName(batch, 0), itemName(batch, count - 1)]).toEqual([first, last])
      },
    ),
  )
})
