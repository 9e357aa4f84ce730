import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatColumns } from '../../src/output/columns.ts'
import { cellWidth } from '../../src/view/fit.ts'

test('columns are as wide as their widest cell; numbers stand at the right; nothing trails', () => {
  const lines = formatColumns(
    [{ title: 'name' }, { title: 'done', align: 'right' }, { title: 'why', most: 8 }],
    [
      ['a', '7', 'because of it'],
      ['longer', '1,234', ''],
    ],
  )
  expect(lines).toEqual(['name     done  why', 'a           7  because…', 'longer  1,234'])
})

test('wide letters count as two, control sequences as nothing', () => {
  const lines = formatColumns(
    [{ title: 'x' }, { title: 'y' }],
    [
      ['漢字', '1'],
      ['\u001b[31mred\u001b[0m', '2'],
    ],
  )
  expect(lines).toEqual(['x     y', '漢字  1', 'red   2'])
})

test('whatever stands in the cells, a column begins at the same place in every line', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }), { minLength: 1 }), (names) => {
      const lines = formatColumns(
        [{ title: 'name' }, { title: 'end' }],
        names.map((name) => [name, 'end']),
      )
      const starts = new Set(lines.map((line) => cellWidth(line.slice(0, line.lastIndexOf('end')))))
      expect(starts.size).toBe(1)
    }),
  )
})
