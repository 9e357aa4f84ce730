import { describe, expect, test } from 'vitest'
import { createGovernor } from '../../src/govern/governor.ts'
import { pace } from '../../src/govern/pace.ts'
import type { ThreadOptions } from './looks.ts'
import { lookAt, told } from './looks.ts'

/** As of 12 GB with caps of 2 GB, in MB. */
const paceOf = (threads: readonly ThreadOptions[], budget = 12_000) =>
  pace(
    createGovernor(),
    lookAt(
      0,
      threads.map((thread) => ({ cap: 2000, ...thread })),
      { budget },
    ),
  )

const six = (used: number, more: ThreadOptions = {}) => Array.from({ length: 6 }, () => ({ used, ...more }))

describe('the next look comes', () => {
  test.each<[string, readonly ThreadOptions[], number]>([
    ['after 500 ms while nothing runs', six(40, { state: 'idle' }), 500],
    ['after 500 ms while small known items run', six(200, { expected: 300 }), 500],
    ['after 50 ms from 60 % of the budget on', [...six(900), { used: 2000, state: 'idle' }], 50],
    ['after 50 ms from half of a cap on', [{ used: 1001 }], 50],
    ['after 50 ms when what items may take is 60 % of the budget', six(200, { expected: 1210 }), 50],
    ['after 50 ms when nobody knows what they take', six(40, { isKnown: false }), 50],
    ['after 20 ms from 80 % of the budget on', six(1610), 20],
    ['after 20 ms from 80 % of a cap on', [{ used: 1601 }], 20],
    ['after 20 ms while one stands by the governor', [{ used: 40, state: 'standing', by: 'governor' }], 20],
    ['after 500 ms while one stands by a person, however full', [{ used: 1900, state: 'standing', by: 'user' }], 500],
  ])('%s', (_, threads, ms) => {
    expect(paceOf(threads)).toBe(ms)
  })

  test('after 20 ms while memory grows so that it could be at 80 % before the next', () => {
    const governor = createGovernor()
    told(governor, lookAt(0, six(100)))
    const look = lookAt(500, six(700), { budget: 12_000 })
    told(governor, look)
    expect(pace(governor, look)).toBe(20)
  })

  test('before an item could be through its cap, or all through the budget, at 1 GB a second', () => {
    expect(paceOf([{ used: 40, cap: 600 }])).toBe(500)
    expect(paceOf([{ used: 40, cap: 500 }])).toBe(50)
    expect(
      paceOf(
        [
          { used: 40, cap: 2000 },
          { used: 40, cap: 2000 },
        ],
        1000,
      ),
    ).toBe(50)
  })
})
