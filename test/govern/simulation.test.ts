import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fitsInto, roomOf } from '../../src/govern/admission.ts'
import { createGovernor } from '../../src/govern/governor.ts'
import { linesFor } from '../../src/govern/lines.ts'
import { bytes } from '../../src/model/units.ts'
import type { ThreadOptions } from './looks.ts'
import { lookAt, told } from './looks.ts'
import type { Outcome } from './simulation.ts'
import { simulate } from './simulation.ts'
import type { FakeItem, WorkloadOptions } from './workload.ts'
import { MB, randomOf, workload } from './workload.ts'
import type { Acted, Setup } from './world.ts'

const mb = (value: number) => bytes(value * MB)
/** The same seeds every time, so that what was simulated once is there for the other properties. */
const RUNS = { numRuns: 40, seed: 4 }
const seeds = fc.integer({ min: 1, max: 1_000_000 })

type Wild = Partial<Setup> & { readonly work?: Partial<WorkloadOptions>; readonly areOthersWild?: boolean }

/** 4 threads of 300 MB that share 900, with items of which some leak and some are deaf. */
function run(seed: number, { work = {}, areOthersWild = false, ...more }: Wild = {}): Outcome {
  const cap = more.cap ?? mb(300)
  const items = workload(randomOf(seed), { items: 40, cap, leaks: 0.05, ...work })
  const setup: Setup = { seed, threads: 4, budget: mb(900), cap, reserve: mb(300), items }
  return simulate({ ...setup, ...(areOthersWild ? { others: othersOf(seed) } : {}), ...more })
}

/** Others take up to nearly all of the machine and give it back, for a minute. */
function othersOf(seed: number): (now: number) => number {
  const random = randomOf(seed + 1)
  const levels = Array.from({ length: 40 }, () => (random() < 0.4 ? 0 : random() * mb(1100)))
  return (now) => levels[Math.floor(now / 1500)] ?? 0
}

const machines = [
  ['alone', {}],
  ['beside others', { areOthersWild: true }],
  ['with a person who pauses threads', { personUntil: 60_000 }],
  ['with both', { areOthersWild: true, personUntil: 60_000 }],
  ['of commands', { shells: 4 }],
  [
    'of commands, beside others and with a person who pauses threads',
    { shells: 4, areOthersWild: true, personUntil: 60_000 },
  ],
  ['of commands and task modules', { shells: 2, areOthersWild: true, personUntil: 60_000 }],
  ['of items that are all deaf', { work: { deaf: 1 } }],
] as const satisfies readonly (readonly [string, Wild])[]

describe.each<readonly [string, Wild]>(machines)('a run %s', (_, wild) => {
  const outcomes = new Map<number, Outcome>()
  const outcomeOf = (seed: number) => {
    const outcome = outcomes.get(seed) ?? run(seed, wild)
    outcomes.set(seed, outcome)
    return outcome
  }

  test('ends, with every item done or above its cap, and nothing done to anybody that must not be', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { hasEnded, done, failed, wrong } = outcomeOf(seed)
        expect(wrong).toEqual([])
        expect([hasEnded, done + failed.length]).toEqual([true, 40])
      }),
      RUNS,
    )
  })

  test('never stands still for a second while work is left that nobody else holds up, and pauses nobody for longer than 62 s', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { stall, longestPause } = outcomeOf(seed)
        expect(stall).toBeLessThan(1000)
        expect(longestPause).toBeLessThan(62_000)
      }),
      RUNS,
    )
  })

  test('does not flap', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { acted } = outcomeOf(seed)
        expect(flapping(acted)).toEqual([])
        expect(soonest(acted.filter(({ stage }) => stage === 'hold'))).toBeGreaterThanOrEqual(5000)
        expect(soonest(acted.filter(({ stage }) => stage === 'checkpoint'))).toBeGreaterThanOrEqual(30_000)
        expect(mostInASecond(acted)).toBeLessThanOrEqual(8 * 4)
      }),
      RUNS,
    )
  })
})

/** Paused again within 400 ms of going on, below the line `act`. */
function flapping(acted: readonly Acted[]): string[] {
  const resumed = new Map<number, number>()
  return acted.flatMap(({ stage, thread, at, share }) => {
    if (stage === 'resume') resumed.set(thread, at)
    const since = at - (resumed.get(thread) ?? -Infinity)
    return stage === 'pause' && since < 400 && share < linesFor().act ? [`${thread} at ${at} after ${since} ms`] : []
  })
}

function soonest(acted: readonly Acted[]): number {
  return Math.min(Infinity, ...acted.slice(1).map(({ at }, place) => at - (acted[place]?.at ?? 0)))
}

function mostInASecond(acted: readonly Acted[]): number {
  let from = 0
  return acted.reduce((most, { at }, place) => {
    while (at - (acted[from]?.at ?? at) >= 1000) from += 1
    return Math.max(most, place - from + 1)
  }, 0)
}

function tidied(item: FakeItem): FakeItem {
  return { ...item, litter: 0, left: 0 }
}

describe('items that fit, with nobody else on the machine', () => {
  test('are never ended, and memory stays within the budget', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { evicted, failed, peak } = run(seed, { cap: mb(225), work: { leaks: 0 } })
        expect(evicted).toEqual([])
        expect(failed.filter(({ litter, isDeaf }) => litter === 0 && !isDeaf)).toEqual([])
        expect(peak).toBeLessThanOrEqual(1)
      }),
      { ...RUNS, numRuns: 200 },
    )
  })

  test('which make no garbage and leave none, are not even touched at their cap', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const items = Array.from(workload(randomOf(seed), { items: 40, cap: mb(225) }), tidied)
        const { acted } = run(seed, { cap: mb(225), items })
        expect(acted.filter(({ stage }) => /guard|overCap|requeue|kill/.test(stage))).toEqual([])
      }),
      RUNS,
    )
  })
})

/** Looks every 20 ms for five minutes; collections give nothing and come after 300 ms. */
function watched(threads: readonly ThreadOptions[], more: Parameters<typeof lookAt>[2]) {
  const governor = createGovernor()
  const counts: Record<string, number> = {}
  for (let at = 0; at < 300_000; at += 20) {
    for (const note of governor.reclaims.values())
      if (note.isAsked && 1_000_000 + at - note.askedAt >= 300) Object.assign(note, { isAsked: false, share: 0 })
    for (const action of told(governor, lookAt(at, threads, more))) {
      const [stage = ''] = action.split(' ')
      counts[stage] = (counts[stage] ?? 0) + 1
    }
  }
  return counts
}

describe('memory that is not ours to free', () => {
  test('others squeeze: nothing is paused or ended, collections that give nothing come once in 4 s a thread', () => {
    const counts = watched([{ used: 300 }, { used: 300 }, { used: 300 }], { budget: 900, isSqueezed: true })
    expect(Object.keys(counts).toSorted()).toEqual(['checkpoint', 'hold', 'reclaim'])
    expect(counts['reclaim']).toBeLessThanOrEqual((3 * 300) / 4)
    expect(counts['hold']).toBe(1)
  })

  test('a person’s paused threads hold all: nothing is collected or ended, and admission says so', () => {
    const paused: ThreadOptions = { used: 390, state: 'standing', by: 'user', isFrozen: true, stood: 9 }
    const threads: ThreadOptions[] = [paused, paused, { used: 50, state: 'idle' }]
    expect(Object.keys(watched(threads, { budget: 860 })).toSorted()).toEqual(['checkpoint', 'hold'])
    const room = roomOf(lookAt(0, threads, { budget: 860 }), linesFor(), true)
    expect([room.heldByUser / MB, fitsInto(room, mb(100), mb(50))]).toEqual([780, false])
  })
})

test('a large item that is first in order starts although smaller ones fit all the time', () => {
  const kind = { kind: 'plateau', litter: 0, isDeaf: false, isHeap: true, left: 0 } as const
  const large = Array.from({ length: 9 }, (_, id) => ({ ...kind, id, batch: 0, peak: mb(250), ms: 2500 }))
  const small = Array.from({ length: 1000 }, (_, id) => ({
    ...kind,
    id,
    batch: 1,
    peak: mb(60),
    ms: 1800 + ((id * 137) % 1500),
  }))
  const { starts } = run(1, { items: [...large, ...small], budget: mb(700), threads: 6 })
  const last = starts.findLastIndex(({ item }) => item.batch === 0)
  expect(starts[last]?.at).toBeLessThan(9 * 35_000)
  expect(starts.length - last).toBeGreaterThan(50)
})

test('a first item nobody knows, that fills 1 GB a second and never ticks, is through its cap for a quarter of a second', () => {
  const item = {
    id: 0,
    batch: 0,
    kind: 'leak',
    peak: mb(3000),
    ms: 3000,
    litter: 0,
    isDeaf: true,
    isHeap: false,
    left: 0,
  } as const
  const { fullest, overCap } = run(1, { items: [item], threads: 1, budget: mb(2000) })
  expect(overCap.length).toBeGreaterThan(0)
  expect(fullest * 300).toBeLessThanOrEqual(300 + 250 + 50)
})
