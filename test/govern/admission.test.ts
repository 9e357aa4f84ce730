import { describe, expect, test } from 'vitest'
import { fitsInto, promisedTo, roomOf } from '../../src/govern/admission.ts'
import { linesFor } from '../../src/govern/lines.ts'
import { bytes } from '../../src/model/units.ts'
import type { ThreadOptions } from './looks.ts'
import { lookAt } from './looks.ts'
import { MB } from './workload.ts'

const lines = linesFor()
const mb = (value: number) => bytes(value * MB)
type More = Parameters<typeof lookAt>[2] & { readonly isHolding?: boolean }

const roomIn = (threads: readonly ThreadOptions[], { isHolding = false, ...more }: More = {}) =>
  roomOf(lookAt(0, threads, more), lines, isHolding)

test.each<[string, ThreadOptions, number]>([
  ['runs and has taken 100 of 300', { used: 100, expected: 300 }, 200],
  ['runs and has taken what was expected: 8 % more', { used: 400, expected: 300 }, 24],
  ['is stopping', { used: 100, expected: 300, state: 'stopping' }, 200],
  ['stands', { used: 100, expected: 300, state: 'standing' }, 200],
  ['is on its way out', { used: 100, expected: 300, state: 'leaving' }, 0],
  ['is idle', { used: 100, expected: 0, state: 'idle' }, 0],
])('an item is promised what it may yet take: one that %s', (_, thread, promised) => {
  const [look] = lookAt(0, [thread]).threads
  expect(look && Math.round(promisedTo(look) / MB)).toBe(promised)
})

test.each([
  [500, true],
  [501, false],
])('beside 100 MB that are to become 400, an item of %s MB fits into 900 of 1000: %s', (expected, fits) => {
  expect(fitsInto(roomIn([{ used: 100, expected: 400 }]), mb(expected), mb(0))).toBe(fits)
})

test('what its thread holds already counts for an item, and it may still take a little more', () => {
  const room = roomIn([
    { used: 300, expected: 300 },
    { used: 500, state: 'idle' },
  ])
  expect(room.free / MB).toBeCloseTo(76)
  expect(fitsInto(room, mb(576), mb(500))).toBe(true)
  expect(fitsInto(room, mb(577), mb(500))).toBe(false)
  expect(fitsInto(room, mb(1000), mb(2000))).toBe(false)
})

describe('anybody is welcome', () => {
  test.each<[string, readonly ThreadOptions[], More, boolean]>([
    ['when nothing runs, though memory is full', [{ state: 'idle', used: 990 }], {}, true],
    ['when nothing runs, though things are held', [{ state: 'idle', used: 990 }], { isHolding: true }, true],
    ['when nothing runs and others squeeze', [{ state: 'idle' }], { isSqueezed: true }, true],
    ['not when the machine is in danger', [{ state: 'idle' }], { isSqueezed: true, isCritical: true }, false],
    ['not when one stands by the governor', [{ state: 'standing' }, { state: 'idle' }], {}, false],
    ['not when a person’s paused thread holds memory', [{ state: 'standing', by: 'user', used: 9 }], {}, false],
    [
      'not when a thread that a person froze without work does',
      [{ state: 'idle', isFrozen: true, used: 9 }],
      {},
      false,
    ],
  ])('%s', (_, threads, more, isAnyoneWelcome) => {
    expect(roomIn(threads, more).isAnyoneWelcome).toBe(isAnyoneWelcome)
  })
})

test('memory of threads that a person paused is named, with what they may yet take kept for them', () => {
  const paused: ThreadOptions[] = [
    { state: 'standing', by: 'user', used: 300, expected: 400 },
    { state: 'idle', isFrozen: true, used: 100 },
    { state: 'standing', by: 'governor', used: 50 },
  ]
  const room = roomIn(paused)
  expect([room.heldByUser / MB, Math.round(room.free / MB)]).toEqual([400, 350])
})

test('while things are held nothing starts beside others, however small', () => {
  expect(fitsInto(roomIn([{ used: 10 }], { isHolding: true }), mb(1), mb(0))).toBe(false)
  expect(fitsInto(roomIn([{ used: 10, state: 'standing', by: 'user' }], { isHolding: true }), mb(1), mb(0))).toBe(true)
})
