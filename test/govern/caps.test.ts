import { describe, expect, test } from 'vitest'
import { createGovernor, noteReclaimed } from '../../src/govern/governor.ts'
import { threadNumber } from '../../src/model/ids.ts'
import type { ThreadOptions } from './looks.ts'
import { lookAt, START, told } from './looks.ts'

/** One thread with a cap of 400 MB, looked at again and again; a reclaim is acknowledged when that is said. */
function watched(
  looks: readonly (ThreadOptions & { at: number; collected?: true; budget?: number; beside?: number })[],
) {
  const governor = createGovernor()
  return looks.map(({ at, collected, budget = 4000, beside = 0, ...thread }) => {
    if (collected) noteReclaimed(governor, threadNumber(1), 0.2, START + at)
    const other: ThreadOptions = { used: beside, cap: 9999, state: 'idle', can: { reclaim: false } }
    return told(governor, lookAt(at, [thread, other], { budget })).join(', ')
  })
}

const standing = { state: 'standing', by: 'governor', stood: 10 } as const

describe('at its cap', () => {
  test('an item stands still and collects, and goes on when that helped', () => {
    expect(
      watched([
        { at: 0, used: 400 },
        { at: 20, used: 401 },
        { at: 40, used: 405, state: 'stopping' },
        { at: 200, used: 405, ...standing, collected: true },
        { at: 220, used: 380, ...standing },
        { at: 300, used: 390 },
      ]),
    ).toEqual(['', 'guard 1', '', '', 'resume 1', ''])
  })

  test('its attempt ends when a collection did not help, which shows 60 ms after it', () => {
    expect(
      watched([
        { at: 0, used: 401 },
        { at: 100, used: 405, ...standing, collected: true },
        { at: 155, used: 405, ...standing },
        { at: 165, used: 405, ...standing },
      ]),
    ).toEqual(['guard 1', '', '', 'overCap 1'])
  })

  test.each<[string, ThreadOptions, number]>([
    ['does not come to a tick', { state: 'stopping', by: 'governor' }, 250],
    ['stands, and does not collect', standing, 10_000],
    ['is frozen, and cannot collect', { ...standing, isFrozen: true }, 250],
  ])('its attempt ends when it %s, after %s', (_, thread, ms) => {
    const later = { used: 425, ...thread }
    const looks = [
      { at: 0, used: 401 },
      { at: ms - 10, ...later },
      { at: ms + 10, ...later },
    ]
    expect(watched(looks)).toEqual(['guard 1', '', 'overCap 1'])
  })

  test('what can do neither has 250 ms to come down by itself', () => {
    const can = { hold: false, reclaim: false }
    const used = [401, 430, 399, 425, 425, 425]
    const looks = used.map((mb, place) => ({ at: place * 130, used: mb, can }))
    expect(watched(looks)).toEqual(['', '', '', '', '', 'overCap 1'])
  })

  test('an item that comes down a little stands until its collection is through, or most of that is free', () => {
    const stands = { ...standing, used: 395 }
    const looks = [
      { at: 0, used: 401 },
      { at: 20, ...stands },
      { at: 40, ...stands },
    ]
    expect(watched([...looks, { at: 60, ...stands, collected: true }])).toEqual(['guard 1', '', '', 'resume 1'])
    expect(watched([...looks, { at: 60, ...stands, used: 350 }])).toEqual(['guard 1', '', '', 'resume 1'])
  })

  test('an item that litters near its cap is stopped once a second', () => {
    const looks = [
      { at: 0, used: 405 },
      { at: 50, used: 350, ...standing, collected: true } as const,
      { at: 300, used: 405 },
      { at: 600, used: 405 },
      { at: 1010, used: 405 },
    ]
    expect(watched(looks)).toEqual(['guard 1', 'resume 1', '', '', 'guard 1'])
  })

  test('a little above, it has 750 ms, as long as nobody else needs the room', () => {
    const can = { hold: false, reclaim: false }
    const looks = (beside: number) => [0, 700, 760].map((at) => ({ at, used: 410, can, beside, budget: 1000 }))
    expect(watched(looks(100))).toEqual(['', '', 'overCap 1'])
    expect(watched(looks(500))[1]).toContain('overCap 1')
  })

  test('10 % above, nothing is waited for where all together have no room', () => {
    expect(watched([{ at: 0, used: 450 }])).toEqual(['guard 1'])
    expect(watched([{ at: 0, used: 450, beside: 460, budget: 1000 }])[0]).toMatch(/^overCap 1/)
    expect(watched([{ at: 0, used: 430, beside: 480, budget: 1000 }])[0]).toMatch(/^guard 1/)
  })

  test('an item that came down stays where it stands while all together are at the line of pauses', () => {
    const looks = [
      { at: 0, used: 401, beside: 500, budget: 1000 },
      { at: 200, used: 395, ...standing, beside: 550, budget: 1000 },
    ]
    expect(watched(looks)[1]).not.toContain('resume')
  })
})

describe('a person’s pause', () => {
  test('is not undone when its item comes below the cap, standing or on its way', () => {
    expect(
      watched([
        { at: 0, used: 401 },
        { at: 20, used: 405, state: 'stopping', by: 'user' },
        { at: 40, used: 390, state: 'stopping', by: 'user' },
        { at: 60, used: 390, state: 'standing', by: 'user', stood: 10, isFrozen: true },
      ]),
    ).toEqual(['guard 1', '', '', ''])
  })

  test('protects an item above its cap, which is guarded once the person lets it go on', () => {
    const stands = { used: 450, state: 'standing', by: 'user', stood: 10, isFrozen: true } as const
    expect(
      watched([
        { at: 0, ...stands },
        { at: 9000, ...stands },
        { at: 9020, used: 450 },
      ]),
    ).toEqual(['', '', 'guard 1'])
  })
})
