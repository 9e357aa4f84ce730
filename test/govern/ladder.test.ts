import { describe, expect, test } from 'vitest'
import { createGovernor, noteItemEnded, noteReclaimed } from '../../src/govern/governor.ts'
import { threadNumber } from '../../src/model/ids.ts'
import type { ThreadOptions } from './looks.ts'
import { lookAt, START, told } from './looks.ts'

const [one, two] = [threadNumber(1), threadNumber(2)]

/** Threads that run and neither grow nor hold garbage worth a collection. */
const deaf = { hold: true, reclaim: false }
const busy = (...used: number[]): ThreadOptions[] => used.map((mb) => ({ used: mb, can: deaf }))

const standing = (used: number, more: ThreadOptions = {}): ThreadOptions => ({
  used,
  state: 'standing',
  stood: 200,
  can: deaf,
  ...more,
})
const ended = (threads: ThreadOptions[], more: Parameters<typeof lookAt>[2] = {}) =>
  told(createGovernor(), lookAt(0, threads, more)).filter((action) => /requeue|kill/.test(action))

const resumed = (threads: ThreadOptions[], more: Parameters<typeof lookAt>[2] = {}) =>
  told(createGovernor(), lookAt(0, threads, more)).filter((action) => /resume|requeue/.test(action))

/** Two looks: memory grows by `rise` MB in 20 ms up to `used` in each of three threads. */
const grown = (used: number, rise: number, threads = busy(used, used, used)) => {
  const governor = createGovernor()
  const before = threads.map((thread) => ({ ...thread, used: (thread.used ?? 0) - rise }))
  const actions = [...told(governor, lookAt(0, before)), ...told(governor, lookAt(20, threads))]
  return { governor, actions }
}

describe('garbage is collected', () => {
  test.each([
    [790, []],
    [801, ['reclaim 1']],
  ])('from 80 %% of the budget: %s MB', (used, actions) => {
    expect(told(createGovernor(), lookAt(0, [{ used, cap: 1000 }]))).toEqual(actions)
  })

  test('of idle threads first, then of the heaviest, two at a time', () => {
    const governor = createGovernor()
    const threads: ThreadOptions[] = [
      { used: 300 },
      { used: 70, state: 'idle' },
      { used: 380 },
      { used: 80, state: 'idle' },
    ]
    expect(told(governor, lookAt(0, threads))).toEqual(['reclaim 4', 'reclaim 2'])
    expect(told(governor, lookAt(20, threads))).toEqual(['reclaim 3', 'reclaim 1'])
    expect(told(governor, lookAt(40, threads))).toEqual([])
  })

  test.each<[string, ThreadOptions]>([
    ['is frozen', { used: 380, state: 'standing', stood: 9, isFrozen: true }],
    ['holds less than a process without work may', { used: 63 }],
    ['cannot', { used: 380, can: deaf }],
    ['is on its way out', { used: 380, state: 'leaving' }],
  ])('but not of a thread that %s', (_, thread) => {
    const actions = told(createGovernor(), lookAt(0, [thread, ...busy(380, 380, 40)], { budget: 1200 }))
    expect(actions).not.toContain('reclaim 1')
  })

  test.each([
    [0.06, 799, 801],
    [0.04, 3999, 4001],
  ])('again not before a while: when the last gave %s, not after %s ms, but after %s', (share, early, late) => {
    const governor = createGovernor()
    const look = (at: number) => told(governor, lookAt(at, [{ used: 810, cap: 1000 }]))
    expect(look(0)).toEqual(['reclaim 1'])
    noteReclaimed(governor, one, share, START + 300)
    expect(look(early)).toEqual([])
    expect(look(late)).toEqual(['reclaim 1'])
  })

  test('again at once when its item has ended: the next one’s garbage is another', () => {
    const governor = createGovernor()
    const look = (at: number) => told(governor, lookAt(at, [{ used: 810, cap: 1000 }]))
    expect([look(0), look(5000)]).toEqual([['reclaim 1'], []])
    noteItemEnded(governor, one)
    expect(look(5020)).toEqual(['reclaim 1'])
  })

  test('of items that run only before a pause, where it gave next to nothing lately', () => {
    const governor = createGovernor()
    const look = (at: number, used: number) => told(governor, lookAt(at, [{ used, cap: 1000 }]))
    for (let item = 0; item < 8; item += 1) {
      expect(look(item * 5000, 810)).toEqual(['reclaim 1'])
      noteReclaimed(governor, one, 0, START + item * 5000 + 100)
      noteItemEnded(governor, one)
      if (governor.usefulness < 0.15) break
    }
    expect(look(50_000, 810)).toEqual([])
    expect(look(55_000, 905)).toContain('reclaim 1')
  })
})

describe('one above its cap', () => {
  const beside = { used: 300, cap: 400 }
  test('is not paid for by another: it is waited for, and ended itself in an emergency', () => {
    const governor = createGovernor()
    const look = (at: number, used: number) => told(governor, lookAt(at, [{ used, cap: 350 }, beside, beside]))
    expect(look(0, 355)).toContain('guard 1')
    const later = [look(100, 358), look(160, 380), look(200, 390)].flat()
    expect(later.filter((act) => /requeue|kill|overCap/.test(act))).toEqual(['overCap 1'])
  })
})

describe('new items are held', () => {
  test('from 85 % on until it is below 78 % again', () => {
    const governor = createGovernor()
    const holds = [840, 860, 790, 781, 779].map((used, place) => {
      told(governor, lookAt(place * 500, busy(used, 0)))
      return governor.isHolding
    })
    expect(holds).toEqual([false, true, true, true, false])
  })

  test('while one stands by the governor, however much room there is', () => {
    const governor = createGovernor()
    told(governor, lookAt(0, [...busy(100), { used: 50, state: 'standing', stood: 0 }]))
    expect(governor.isHolding).toBe(true)
  })

  test('which is said once in 5 s at most', () => {
    const governor = createGovernor()
    const said = [0, 500, 1000, 1500, 5500, 6000].map((at) => {
      return told(governor, lookAt(at, busy(at % 1000 === 0 ? 860 : 500))).includes('hold') ? at : -1
    })
    expect(said.filter((at) => at >= 0)).toEqual([0, 6000])
  })
})

test('what the heaviest thread has not begun goes to others, at 85 %, once a second, and nothing of those without', () => {
  const governor = createGovernor()
  const threads = [380, 250, 240].map((used, place) => ({ used, can: deaf, unstarted: place === 0 ? 0 : 5 }))
  const rebalanced = [0, 20, 40, 990, 1001].map((at) =>
    told(governor, lookAt(at, threads)).filter((a) => /rebal/.test(a)),
  )
  expect(rebalanced).toEqual([['rebalance 2'], ['rebalance 3'], [], [], ['rebalance 2']])
})

describe('the youngest item stands still', () => {
  test.each([
    ['grows to 91 %', 303.4, 0.6, true],
    ['is at 91 % and does not grow', 303.4, 0, false],
    ['is at 86 % and will be at 90 % in a moment', 287, 10, true],
    ['grows to 85 %', 283, 0.6, false],
    ['is at 95 % and does not grow', 317, 0, true],
  ])('when memory %s', (_, used, rise, isPaused) => {
    expect(grown(used, rise).actions.includes('pause 3')).toBe(isPaused)
  })

  test('one every 60 ms, and never the last that gets on', () => {
    const { governor, actions } = grown(310, 2)
    expect(actions).toContain('pause 3')
    const [a, b] = busy(320, 320)
    const stopping: ThreadOptions = { used: 312, state: 'stopping', can: deaf }
    expect(
      told(
        governor,
        lookAt(
          70,
          [a, b, stopping].flatMap((each) => each ?? []),
        ),
      ),
    ).not.toContain('pause 2')
    expect(
      told(
        governor,
        lookAt(
          81,
          [a, b, stopping].flatMap((each) => each ?? []),
        ),
      ),
    ).toContain('pause 2')
    const alone = [...busy(325), stopping, stopping]
    expect(told(governor, lookAt(200, alone)).filter((action) => /pause/.test(action))).toEqual([])
  })

  test.each([
    ['not', 380, 304, 'pause 2'],
    ['again', 420, 304, 'pause 3'],
    ['at once where it is serious', 380, 318, 'pause 3'],
  ])('one that was just allowed to go on stands %s after %s ms', (_, at, used, paused) => {
    const governor = createGovernor()
    governor.resumed.set(threadNumber(3), START)
    told(governor, lookAt(at - 20, busy(280, 280, 280)))
    expect(told(governor, lookAt(at, busy(used, used, used)))).toContain(paused)
  })

  test('nobody for as long as others squeeze and ours do not grow', () => {
    const governor = createGovernor()
    const threads = busy(350, 320, 330)
    expect(told(governor, lookAt(0, threads, { isSqueezed: true }))).not.toContain('pause 3')
    expect(told(governor, lookAt(20, threads, { isSqueezed: true, isCritical: true }))).toContain('pause 3')
  })
})

test('a checkpoint is taken at 95 %, once in 30 s', () => {
  const governor = createGovernor()
  const taken = [0, 29_000, 31_000].map((at) => told(governor, lookAt(at, busy(960))).includes('checkpoint'))
  expect(taken).toEqual([true, false, true])
  expect(told(createGovernor(), lookAt(0, busy(310, 320, 310)))).toEqual(['hold'])
})

test('the line moves with the plan’s `act`', () => {
  expect(told(createGovernor(0.6), lookAt(0, busy(610)))).toContain('checkpoint')
  expect(told(createGovernor(0.6), lookAt(0, busy(590)))).not.toContain('checkpoint')
})

describe('an item goes back to the queue', () => {
  test.each<[string, ThreadOptions[], string[]]>([
    ['at 95 %: the youngest that stands still', [...busy(380), standing(290), standing(290)], ['requeue 3']],
    ['not below', [...busy(370), standing(280), standing(290)], []],
    ['not before its pause was felt', [...busy(380), standing(290, { stood: 90 }), ...busy(290)], []],
    ['nobody that runs, before the last line', busy(380, 290, 290), []],
    ['at 98.5 %: the youngest of all at once', [...busy(380), standing(300), ...busy(310)], ['kill 3']],
    ['never the only one', [{ used: 990, cap: 1000, can: deaf }], []],
    ['never the only one, that stands', [standing(380), { used: 600, state: 'idle', can: deaf }], []],
    ['never one that a person paused', [...busy(380), standing(600, { by: 'user' })], []],
    ['nobody while enough is on its way out', [...busy(380), standing(290), { used: 320, state: 'leaving' }], []],
  ])('%s', (_, threads, actions) => {
    expect(ended(threads)).toEqual(actions)
  })

  test('for memory that others hold only when the machine is in danger, and nobody is killed for it', () => {
    const threads = [...busy(390), standing(300), standing(280)]
    expect(ended(threads, { isSqueezed: true })).toEqual([])
    expect(ended(threads, { isSqueezed: true, isCritical: true })).toEqual(['requeue 3'])
  })

  test('and then nobody until 60 % of its memory is back or 600 ms are over', () => {
    const governor = createGovernor()
    const threads = [...busy(390), standing(290), standing(300)]
    const look = (at: number, last: ThreadOptions) =>
      told(governor, lookAt(at, [...threads.slice(0, 2), last])).filter((action) => /requeue/.test(action))
    expect(look(0, standing(300))).toEqual(['requeue 3'])
    expect(look(590, { used: 300, state: 'idle', can: deaf })).toEqual([])
    expect(look(610, { used: 300, state: 'idle', can: deaf })).toEqual(['requeue 2'])
  })

  test('nothing else is asked of its thread in the same moment', () => {
    const actions = told(createGovernor(), lookAt(0, [{ used: 380 }, { used: 300 }, { used: 310 }]))
    expect(actions.filter((action) => action.endsWith(' 3'))).toEqual(['kill 3'])
    const all = told(createGovernor(), lookAt(0, [standing(480, { cap: 500 }), standing(480, { cap: 500 })]))
    expect(all.filter((action) => action.endsWith(' 2'))).toEqual(['requeue 2'])
    expect(all).not.toContain('resume 1')
  })
})

describe('a pause is taken back', () => {
  test.each<[string, ThreadOptions[], string[]]>([
    ['of the oldest first', [...busy(100), standing(100), standing(100)], ['resume 2']],
    ['below 78 %', [...busy(370), standing(200), standing(205)], ['resume 2']],
    ['not above', [...busy(380), standing(200), standing(205)], []],
    ['when what it still needs stays below 90 %', [...busy(370), standing(250, { expected: 529 })], ['resume 2']],
    ['not when it needs more', [...busy(370), standing(250, { expected: 531, stood: 1000 })], []],
    ['not before it has stood 150 ms', [...busy(100), standing(100, { stood: 140 })], []],
    ['whatever it needs, when nothing else gets on', [standing(390, { expected: 2000 }), standing(300)], ['requeue 2']],
    ['whatever it needs, when it is the only one', [standing(390, { expected: 2000, stood: 0 })], ['resume 1']],
    [
      'when only a person’s paused thread is there',
      [standing(600, { by: 'user' }), standing(390, { stood: 0 })],
      ['resume 2'],
    ],
    ['never of a person’s', [...busy(10), standing(10, { by: 'user' })], []],
    [
      'after 60 s, when it does not fit, it goes back to the queue',
      [...busy(380), standing(380, { expected: 700, stood: 60_000 })],
      ['requeue 2'],
    ],
    [
      'after 60 s, when it fits below 95 %',
      [...busy(380), standing(380, { expected: 540, stood: 60_000 })],
      ['resume 2'],
    ],
    ['before, it waits', [...busy(380), standing(380, { expected: 700, stood: 59_000 })], []],
    [
      'above 78 % after 2 s, where nothing grows',
      [...busy(380), standing(200, { stood: 2000 }), standing(205)],
      ['resume 2'],
    ],
    ['but not up to `act`', [...busy(380), standing(380, { expected: 571, stood: 2000 })], []],
  ])('%s', (_, threads, actions) => {
    const budget = threads.some(({ by }) => by === 'user') ? { budget: 1200 } : {}
    expect(resumed(threads, budget)).toEqual(actions)
  })

  test('one every 150 ms', () => {
    const governor = createGovernor()
    const look = (at: number, threads: ThreadOptions[]) =>
      told(governor, lookAt(at, threads)).filter((action) => action !== 'hold')
    expect(look(0, [...busy(100), standing(100), standing(100)])).toEqual(['resume 2'])
    expect(look(140, [...busy(100, 100), standing(100)])).toEqual([])
    expect(look(160, [...busy(100, 100), standing(100)])).toEqual(['resume 3'])
  })

  test('of nobody for others while one is only held for its cap', () => {
    const governor = createGovernor()
    const held = (at: number, used: number, state: ThreadOptions['state'] = 'standing') =>
      told(governor, lookAt(at, [{ used, state: state ?? 'standing', stood: 50 }, standing(390), standing(130)]))
    expect(held(0, 410, 'running')).toEqual(['guard 1', 'hold'])
    expect(held(100, 410)).toEqual([])
    noteReclaimed(governor, one, 0.1, START + 110)
    noteReclaimed(governor, two, 0.1, START + 110)
    expect(held(120, 350)).toEqual(['resume 1'])
  })
})

/** What becomes of the only item of a machine that others press. */
function pressed(used: number, isCritical: boolean): string[] {
  const danger = { isSqueezed: true, isCritical, budget: used }
  return told(createGovernor(), lookAt(0, [{ used, cap: 2000 }], danger)).filter((act) => act.startsWith('requeue'))
}

describe('a machine in danger', () => {
  test('has even the last item taken back, unless that would give it nothing', () => {
    expect(pressed(500, true)).toEqual(['requeue 1'])
    expect(pressed(500, false)).toEqual([])
    expect(pressed(50, true)).toEqual([])
  })
})
