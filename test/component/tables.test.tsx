import { expect, test } from 'vitest'
import { renderTable } from '../../src/tui/tables.tsx'
import { cellWidth } from '../../src/view/fit.ts'
import { hostileNames } from '../helpers/snapshots.ts'

test('without line characters where the terminal has none', () => {
  const table = renderTable([{ batch: '1.1', items: 12 }], { columns: 60, color: false, ascii: true })
  expect(table).toMatch(/^\+-+\+-+\+\n\| batch/)
  expect(table).toMatch(/^[\x20-\x7E\n]+$/)
})

test('a table has headings, texts at the left and numbers at the right', () => {
  const rows = [
    { batch: '1.1', items: 12, needs: '' },
    { batch: 'validation', items: 1200, needs: '1.1' },
  ]
  expect(renderTable(rows, { columns: 60, color: false })).toBe(
    [
      '┌────────────┬───────┬───────┐',
      '│ batch      │ items │ needs │',
      '├────────────┼───────┼───────┤',
      '│ 1.1        │    12 │       │',
      '├────────────┼───────┼───────┤',
      '│ validation │  1200 │ 1.1   │',
      '└────────────┴───────┴───────┘',
    ].join('\n'),
  )
})

test.each([30, 40, 80, 120])('names of any kind keep the borders straight in %i columns', (columns) => {
  const rows = hostileNames.map((name, place) => ({ name, title: name, items: place }))
  const widths = renderTable(rows, { columns, color: false }).split('\n').map(cellWidth)
  expect(Math.max(...widths)).toBeLessThanOrEqual(columns)
  expect(new Set(widths).size).toBe(1)
})

test('no rows are no table', () => {
  expect(renderTable([], { columns: 80 })).toBe('')
})
