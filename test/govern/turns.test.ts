import { describe, expect, test } from 'vitest'
import { fitsInto, roomOf } from '../../src/govern/admission.ts'
import { createGovernor } from '../../src/govern/governor.ts'
import { noteRefused, noteStarted, roomFor } from '../../src/govern/turns.ts'
import { batchIndex, itemIndex } from '../../src/model/ids.ts'
import { bytes } from '../../src/model/units.ts'
import type { ThreadOptions } from './looks.ts'
import { lookAt, told } from './looks.ts'
import { MB } from './workload.ts'

const mb = (value: number) => bytes(value * MB)
const large = { batch: batchIndex(0), expected: mb(600) }
const small = { batch: batchIndex(1), expected: mb(100) }
const tiny = { batch: batchIndex(2), expected: mb(10) }

/** The large one is refused every second for so long. */
function waitedFor(ms: number) {
  const governor = createGovernor()
  for (let now = 0; now <= ms; now += 1000) noteRefused(governor, { ...large, now })
  return governor
}

function fits(governor: ReturnType<typeof createGovernor>, asked: typeof large, now: number, threads: ThreadOptions[]) {
  const room = roomOf(lookAt(0, threads), governor.lines, false)
  return fitsInto(roomFor(governor, room, { ...asked, now }), asked.expected, mb(0))
}

const running: ThreadOptions[] = [{ used: 400, expected: 400 }, { state: 'idle' }]

describe('an item for which there was no room for 30 s', () => {
  test.each([
    [29_000, true],
    [30_000, false],
  ])('keeps smaller ones back: after %s ms they fit: %s', (ms, isFit) => {
    expect(fits(waitedFor(ms), small, ms, running)).toBe(isFit)
  })

  test('lets them have what it leaves', () => {
    expect(fits(waitedFor(30_000), tiny, 30_000, [{ used: 200, expected: 200 }])).toBe(true)
  })

  test('is the one that is welcome when nothing runs any more', () => {
    const governor = waitedFor(30_000)
    expect([large, small].map((asked) => fits(governor, asked, 30_000, [{ state: 'idle', used: 500 }]))).toEqual([
      true,
      false,
    ])
  })

  test('has had its turn once it starts, not when a smaller one of its batch does', () => {
    const governor = waitedFor(30_000)
    noteStarted(governor, { ...large, expected: mb(50), now: 30_000 })
    expect(fits(governor, small, 30_000, running)).toBe(false)
    noteStarted(governor, { ...large, now: 30_000 })
    expect(fits(governor, small, 30_000, running)).toBe(true)
  })

  test('has had its turn when others of its batch start, only where it is not known by itself', () => {
    const governor = createGovernor()
    const known = { ...large, own: itemIndex(7) }
    const usual = { ...large, expected: mb(500) }
    for (let now = 0; now <= 30_000; now += 1000) {
      noteRefused(governor, { ...known, now })
      noteRefused(governor, { ...usual, now })
      noteStarted(governor, { ...usual, now })
    }
    expect(fits(governor, small, 30_000, running)).toBe(false)
    noteStarted(governor, { ...known, now: 30_000 })
    expect(fits(governor, small, 30_000, running)).toBe(true)
  })

  test('keeps nobody back when no thread has asked for it for 2 s', () => {
    expect(fits(waitedFor(30_000), small, 32_100, running)).toBe(true)
  })

  test('keeps nobody back while it would not fit beside what a person’s paused threads hold', () => {
    expect(fits(waitedFor(30_000), small, 30_000, [...running, { used: 350, state: 'standing', by: 'user' }])).toBe(
      true,
    )
  })
})

test('while an item finds no room, garbage of threads without work is collected, below every line', () => {
  const governor = createGovernor()
  const look = lookAt(1000, [{ used: 300 }, { used: 200, state: 'idle' }, { used: 60, state: 'idle' }])
  expect(told(governor, look)).toEqual([])
  noteRefused(governor, { ...large, now: look.now })
  expect(told(governor, look)).toEqual(['reclaim 2'])
})
