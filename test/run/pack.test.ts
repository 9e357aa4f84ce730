import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../src/model/event.ts'
import { itemIndex } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { Reason } from '../../src/model/reason.ts'
import { bytes } from '../../src/model/units.ts'
import { packNumbers, unpackNumbers } from '../../src/run/pack/numbers.ts'
import type { PackedFacts } from '../../src/run/pack.ts'
import { freezeFacts, packFacts, unpackFacts } from '../../src/run/pack.ts'
import { recount } from '../../src/run/recount.ts'
import type { RunState } from '../../src/run/state.ts'
import { STATUS } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, recovery, retrying, returned, runOf } from '../helpers/facts.ts'
import { factsOf } from '../helpers/run-facts.ts'

function packed(state: RunState): { readonly facts: PackedFacts; readonly steps: number } {
  const packing = packFacts(freezeFacts(state))
  for (let steps = 1; ; steps += 1) {
    const step = packing.next()
    if (step.done) return { facts: JSON.parse(JSON.stringify(step.value)) as PackedFacts, steps }
  }
}

const size = (state: RunState) => JSON.stringify(packed(state).facts).length

function unpacked(plan: Plan, state: RunState) {
  return factsOf(unpackFacts(plan, packed(state).facts), { ms: false })
}

test('numbers come back as they were, be they as usual, in runs, scattered, large or all of these', () => {
  const piece = fc.record({
    value: fc.oneof(fc.nat(2), fc.nat(65_535)),
    status: fc.nat(5),
    length: fc.oneof(fc.nat(4), fc.nat(300)),
  })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30, size: 'max' }), fc.nat(63), (pieces, ones) => {
      const status = Uint8Array.from(pieces.flatMap((one) => Array<number>(one.length).fill(one.status)))
      const values = Uint16Array.from(pieces.flatMap((one) => Array<number>(one.length).fill(one.value)))
      const packing = packNumbers(values, { status, ones })
      let step = packing.next()
      while (!step.done) step = packing.next()
      const back = new Uint16Array(values.length)
      unpackNumbers(step.value, back, { status, ones })
      expect(back).toEqual(values)
    }),
    { numRuns: 300 },
  )
})

describe('a million items', () => {
  const plan = buildPlan({ batches: [{ id: 'a', count: 1_000_000 }] })
  const filled = (fill: (state: RunState) => void) => {
    const state = runOf(plan)
    fill(state)
    recount(state)
    return state
  }

  test('that are all in one state are a few bytes', () => {
    expect(size(runOf(plan))).toBeLessThan(500)
    const done = filled(({ items }) => {
      items.status.fill(STATUS.succeeded)
      items.attempts.fill(1)
    })
    expect(size(done)).toBeLessThan(500)
    const { items } = unpackFacts(plan, packed(done).facts)
    expect(items).toMatchObject({ status: done.items.status, attempts: done.items.attempts })
  })

  test('of which each has other numbers are at most a byte for each of them, and never one long step', () => {
    const mixed = filled(({ items }) => {
      for (let item = 0; item < items.status.length; item += 1) {
        items.status[item] = item % 3 === 0 ? STATUS.failed : STATUS.succeeded
        items.attempts[item] = (item * 7) % 5
        items.failures[item] = (item * 11) % 3
      }
    })
    expect(size(mixed)).toBeLessThan((1_000_000 * (2 + 0.25) * 4) / 3 + 1000)
    expect(packed(mixed).steps).toBeGreaterThan(12)
    expect(unpackFacts(plan, packed(mixed).facts).items).toMatchObject({
      status: mixed.items.status,
      attempts: mixed.items.attempts,
      failures: mixed.items.failures,
    })
  })

  test('that failed for the same reason say it once', () => {
    const state = filled(({ items, reasons }) => {
      items.status.fill(STATUS.failed)
      items.attempts.fill(1)
      items.failures.fill(1)
      for (let item = 0; item < 1_000_000; item += 1)
        reasons.set(itemIndex(item), { kind: 'threw', message: 'no '.repeat(100) })
    })
    expect(size(state)).toBeLessThan(40_000)
    const back = unpackFacts(plan, packed(state).facts)
    expect(back.reasons.get(itemIndex(9_999))).toEqual({ kind: 'threw', message: 'no '.repeat(100) })
    expect(back.reasons.get(itemIndex(10_000))).toEqual({ kind: 'threw', message: 'see its log' })
    expect(back.reasons.size).toBe(1_000_000)
  })
})

test('thousands of batches are not packed in one go', () => {
  const plan = buildPlan({ batches: Array.from({ length: 3000 }, (_, place) => ({ id: `b${place}`, count: 1 })) })
  expect(packed(runOf(plan)).steps).toBeGreaterThan(4)
})

const skip = (items: number[], batch: number): RunEvent => ({
  type: 'items.skipped',
  batch: batch as never,
  items: items.map(itemIndex),
  count: items.length,
  because: { kind: 'user' },
})

const tooMuch: Reason = { kind: 'memory', message: 'too much', peak: bytes(2 ** 31 + 7), wasAlone: true }

test('everything that only some items have comes back, each with its own', () => {
  const plan = buildPlan({
    batches: [
      { id: 'a', count: 9 },
      { id: 'b', count: 2 },
    ],
  })
  const state = runOf(plan, [
    chunk(0, [8, 1, 2, 3, 4]),
    retrying(8, 9000.25),
    retrying(1, 5000.5),
    returned(0, [2], 'lost'),
    failed(3),
    returned(0, [4], 'evicted', { peak: 2 ** 33 }),
    chunk(0, [7, 4]),
    ...[7, 4, 7].flatMap((item) => [retrying(item, 4000, { reason: tooMuch }), chunk(0, [item])]),
    recovery(plan),
    chunk(0, [5, 0], 2),
    skip([6], 0),
    { type: 'items.skipped', batch: 1 as never, items: 'rest', count: 2, because: { kind: 'need', id: 'a' } },
    { type: 'thread.paused', thread: 2 as never, by: 'user' },
    { type: 'batch.paused', batch: 0 as never, by: 'user' },
  ])
  expect(unpacked(plan, state)).toEqual(factsOf(state, { ms: false }))
})

test('facts of another plan are refused', () => {
  const [plan, shorter, other] = [9, 8]
    .map((count) => buildPlan({ batches: [{ id: 'a', count }] }))
    .concat(buildPlan({ batches: [{ id: 'b', count: 9 }] })) as [Plan, Plan, Plan]
  const { facts } = packed(runOf(plan, [chunk(0, [0])]))
  for (const wrong of [shorter, other, buildPlan({ batches: [] })])
    expect(() => unpackFacts(wrong, facts)).toThrow('its batches are others')
})

test('facts that cannot be are refused', () => {
  const plan = buildPlan({ batches: [{ id: 'a', count: 9 }] })
  const { facts } = packed(runOf(plan, [chunk(0, [0]), retrying(0, 5000)]))
  const [batch] = facts.batches
  const broken = (changed: object) => () =>
    unpackFacts(plan, { ...facts, batches: [{ ...batch, ...changed }] } as PackedFacts)
  expect(broken({ status: 'AAAAAAAA' })).toThrow('states of other than 9 items')
  expect(broken({ status: 7 })).toThrow('Packed state 7')
  expect(broken({ handed: 'CQ==' })).toThrow('cannot be on a thread')
  expect(broken({ status: 1 })).toThrow('cannot be in backoff')
  expect(broken({ attempts: { runs: 'FAE=' } })).toThrow('more than 9 items')
  expect(broken({ attempts: { runs: 'AQ==' } })).toThrow('end too early')
  expect(broken({ attempts: { all: 'AQ==', bytes: 1 } })).toThrow('other than 9 items')
  const troubled = (troubles: PackedFacts['troubles']) => () => unpackFacts(plan, { ...facts, troubles })
  expect(troubled({ deaths: 'FAE=' })).toThrow('Packed item 10 of 9')
  expect(troubled({ appetites: { peaks: 'BAE=', failures: '' } })).toThrow('item 2 without its failures')
})
