import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellWidth, clean, cutEnd, cutMiddle, toAscii } from '../../src/view/fit.ts'
import { hostileNames } from '../helpers/snapshots.ts'

test.each([
  ['\u001B[2J\u001B[31mred\u001B[0m', 'red'],
  ['\u001B]8;;http://x\u0007link\u001B]8;;\u0007', 'link'],
  ['a\r\n\tb', 'a b'],
  ['nul\u0000 bell\u0007 del\u007F', 'nul bell del'],
  ['\u202Eevil\u202C', 'evil'],
  ['caf\uDCE9\uDC0A', 'caf\uFFFD\uFFFD'],
  ['\u{1F469}\u200D\u{1F467}', '\u{1F469}\u{1F467}'],
  ['\u{1F1E8}\u{1F1ED}', 'CH'],
  ['1\uFE0F\u20E3', '1'],
  ['plain', 'plain'],
])('%j is cleaned to %j', (text, cleaned) => {
  expect(clean(text)).toBe(cleaned)
})

test.each([
  ['abc', 3],
  ['日本', 4],
  ['e\u0301', 1],
  ['한글', 4],
  ['\u{1F469}', 2],
  ['█▁─', 3],
])('%s takes %i cells', (text, width) => {
  expect(cellWidth(text)).toBe(width)
})

test('names are cut in the middle, where they differ least', () => {
  expect(cutMiddle('US-147', 10)).toBe('US-147')
  expect(cutMiddle('first-steps-with-a-long-name.md', 15)).toBe('first-s…name.md')
  expect(cutMiddle('日本語のとても長い名前', 9)).toBe('日本…名前')
  expect(cutMiddle('abcdef', 2)).toBe('a…')
  expect(cutMiddle('abcdef', 0)).toBe('')
})

test('sentences are cut at the end, between words where that costs little', () => {
  expect(cutEnd('Professional development', 18)).toBe('Professional…')
  expect(cutEnd('Professional development', 10)).toBe('Professio…')
  expect(cutEnd('short', 10)).toBe('short')
})

test('no text outgrows its place, whatever is in it', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(...hostileNames),
  )
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 40 }), (name, width) => {
      for (const fitted of [cutMiddle(name, width), cutEnd(name, width)]) {
        expect(cellWidth(fitted)).toBeLessThanOrEqual(width)
        // oxlint-disable-next-line no-control-regex
        expect(fitted).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/)
      }
    }),
  )
})

test("the screen's own glyphs have a stand-in of the same width", () => {
  const glyphs = '…─│▸·→▁▂▃▄▅▆▇█↑↓'
  expect(toAscii(glyphs)).toMatch(/^[ -~]+$/)
  expect(toAscii(glyphs)).toHaveLength(glyphs.length)
  expect(toAscii('日本')).toBe('日本')
})
