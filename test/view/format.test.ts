import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bytes, millis, wallTime } from '../../src/model/units.ts'
import {
  countOf,
  elapsedOf,
  formatAbout,
  formatBytes,
  formatClock,
  formatCount,
  formatMeasured,
  formatPercent,
  formatRate,
  formatShare,
  formatShort,
} from '../../src/view/format.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

test.each([
  [0, '0 B'],
  [36 * 1024, '36 kB'],
  [999 * 1024, '999 kB'],
  [1023 * 1024, '1 MB'],
  [500 * 2 ** 20, '500 MB'],
  [1.7 * 2 ** 30, '1.7 GB'],
  [12 * 2 ** 30, '12.0 GB'],
  [3 * 2 ** 40, '3.0 TB'],
])('%i bytes read %s', (size, text) => {
  expect(formatBytes(bytes(size))).toBe(text)
})

test('a part is written in the unit of the whole', () => {
  expect(formatShare(bytes(9.9 * 2 ** 30), bytes(12 * 2 ** 30))).toBe('9.9/12 GB')
  expect(formatShare(bytes(180 * 2 ** 20), bytes(12 * 2 ** 30))).toBe('0.2/12 GB')
})

test.each([
  [0, '00:00:00'],
  [41 * MINUTE + 12_900, '00:41:12'],
  [100 * HOUR, '100:00:00'],
  [-5, '00:00:00'],
  [Number.NaN, '00:00:00'],
])('a clock at %d ms shows %s', (time, text) => {
  expect(formatClock(time)).toBe(text)
})

test.each([
  [130 * SECOND, '02:10'],
  [59 * MINUTE, '59:00'],
  [65 * MINUTE, '1h05m'],
  [12 * HOUR + 5 * MINUTE, '12h05'],
  [101 * HOUR, '4d05h'],
])('a short time of %d ms reads %s', (time, text) => {
  expect(formatShort(time)).toBe(text)
})

test.each([
  [0.4, '<1 ms'],
  [12.4, '12 ms'],
  [340, '0.3 s'],
  [9900, '9.9 s'],
  [28_000, '00:28'],
])('a measured time of %d ms reads %s', (time, text) => {
  expect(formatMeasured(time)).toBe(text)
})

test.each([
  [0, '1 s'],
  [8200, '8 s'],
  [16 * MINUTE, '16 min'],
  [80 * MINUTE, '1 h 20 min'],
  [2 * HOUR, '2 h'],
  [51 * HOUR, '2 d 3 h'],
])('about %d ms is %s', (time, text) => {
  expect(formatAbout(time)).toBe(text)
})

test('times in columns never outgrow five cells', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 900 * 24 * HOUR, noNaN: true }), (time) => {
      expect(formatShort(time)).toHaveLength(5)
      expect(formatMeasured(time).length).toBeLessThanOrEqual(5)
    }),
  )
})

test('100 % is said only of what is complete, and nothing of nothing', () => {
  expect(formatPercent(999_999, 1_000_000)).toBe('99 %')
  expect(formatPercent(426, 426)).toBe('100 %')
  expect(formatPercent(0, 426)).toBe('0 %')
  expect(formatPercent(13, 12)).toBe('108 %')
  expect(formatPercent(0, 0)).toBeUndefined()
  expect(formatPercent(Number.NaN, 3)).toBeUndefined()
})

test('rates are counted a minute, fast ones a second, unknown ones not at all', () => {
  expect(formatRate(7.62)).toBe('7.6/min')
  expect(formatRate(282)).toBe('282/min')
  expect(formatRate(75_000)).toBe('1,250/s')
  expect(formatRate(0)).toBeUndefined()
  expect(formatRate(undefined)).toBeUndefined()
})

test('counts have commas and words for one and many', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567')
  expect(countOf(1, 'item')).toBe('1 item')
  expect(countOf(2000, 'try', 'tries')).toBe('2,000 tries')
})

test('a clock counts from its start, a stopped one stands still, none runs backwards', () => {
  const now = wallTime(10_000)
  expect(elapsedOf({ since: wallTime(4000) }, now)).toBe(6000)
  expect(elapsedOf({ elapsed: millis(42) }, now)).toBe(42)
  expect(elapsedOf({ since: wallTime(11_000) }, now)).toBe(0)
})
