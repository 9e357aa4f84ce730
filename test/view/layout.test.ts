import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bar, sparkline } from '../../src/view/bar.ts'
import { layout } from '../../src/view/layout.ts'
import { windowAround, windowFrom } from '../../src/view/panel.ts'
import { rowWidth } from '../../src/view/row.ts'

const story = { threads: 6, batches: 17, phases: 5 }

function panels(columns: number, rows: number, counts = story): readonly string[] {
  const shape = layout(columns, rows, counts)
  return shape.kind === 'small'
    ? []
    : shape.bands.map((band) => band.map(({ panel, rows: size }) => `${panel} ${size}`).join(' | '))
}

test.each([
  [59, 16, []],
  [60, 15, []],
  [60, 16, ['threads 8', 'memory 3', 'events 2']],
  [80, 24, ['threads 8', 'memory 3', 'batches 5', 'events 5']],
  [120, 36, ['threads 8', 'memory 5', 'timeline 8', 'batches 5', 'events 6']],
  [200, 60, ['threads 8', 'memory 5', 'timeline 8', 'batches 17', 'events 18 | log 18']],
])('%ix%i has the panels %j', (columns, rows, expected) => {
  expect(panels(columns, rows)).toEqual(expected)
})

test('panels fill the room between header and footer exactly, and threads always have some', () => {
  const size = fc.record({
    columns: fc.integer({ min: 60, max: 300 }),
    rows: fc.integer({ min: 16, max: 100 }),
    threads: fc.integer({ min: 0, max: 512 }),
    batches: fc.integer({ min: 0, max: 1000 }),
    phases: fc.integer({ min: 0, max: 5 }),
  })
  fc.assert(
    fc.property(size, ({ columns, rows, ...counts }) => {
      const shape = layout(columns, rows, counts)
      if (shape.kind === 'small') throw new Error('large enough')
      const used = shape.bands.reduce((sum, [first]) => sum + (first?.rows ?? 0), 0)
      expect(used).toBeLessThanOrEqual(shape.bodyRows)
      expect(shape.headerRows + shape.bodyRows + 1).toBe(rows)
      expect(shape.bands[0]?.[0]?.panel).toBe('threads')
      for (const band of shape.bands) {
        expect(new Set(band.map((box) => box.rows)).size).toBe(1)
        expect(band.reduce((sum, box) => sum + box.columns, 0)).toBe(columns)
      }
    }),
  )
})

test('a bar is full only at the end, empty only at the beginning, and always as wide as asked', () => {
  const looks = { ascii: true, color: true }
  const drawn = (share: number): string =>
    bar(share, { width: 12, looks })
      .map((part) => part.text)
      .join('')
  expect(drawn(0)).toBe('[----------]')
  expect(drawn(0.001)).toBe('[#---------]')
  expect(drawn(0.5)).toBe('[#####-----]')
  expect(drawn(0.999)).toBe('[#########-]')
  expect(drawn(1)).toBe('[##########]')
  expect(drawn(3)).toBe('[##########]')
  expect(drawn(Number.NaN)).toBe('[----------]')
  fc.assert(
    fc.property(
      fc.double(),
      fc.integer({ min: 3, max: 200 }),
      fc.boolean(),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (share, width, color, mark) => {
        expect(rowWidth(bar(share, { width, looks: { ascii: false, color }, mark }))).toBe(width)
      },
    ),
  )
})

test('a sparkline shows the newest values', () => {
  expect(sparkline([0, 1, 2, 4, 8], 8, 3)).toBe('▃▅█')
  expect(sparkline([], 8, 3)).toBe('')
})

test('a window keeps its place inside the list and says what it shows', () => {
  expect(windowAround(0, 32, 12)).toEqual({ from: 0, to: 12, note: '1-12 of 32' })
  expect(windowAround(20, 32, 12)).toEqual({ from: 14, to: 26, note: '15-26 of 32' })
  expect(windowAround(31, 32, 12)).toEqual({ from: 20, to: 32, note: '21-32 of 32' })
  expect(windowFrom(40, 6, 12)).toEqual({ from: 0, to: 6, note: '' })
})
