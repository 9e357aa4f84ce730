/** Late batches on screens, in `status`, lines and words, from the facts of a run. */
import { expect, test } from 'vitest'
import { eta } from '../../src/forecast/eta.ts'
import type { RunEvent } from '../../src/model/event.ts'
import type { LateItems } from '../../src/model/plan.ts'
import type { RunSnapshot } from '../../src/model/snapshot.ts'
import { bytes, wallTime } from '../../src/model/units.ts'
import { statusObject } from '../../src/output/json.ts'
import { PlainLines } from '../../src/output/plain.ts'
import { formatStatus } from '../../src/output/status.ts'
import { createLive } from '../../src/run/live.ts'
import { snapshotOf } from '../../src/run/snapshot.ts'
import { blockers } from '../../src/schedule/eligible.ts'
import { batchesRows } from '../../src/view/batches.ts'
import { describeEvent } from '../../src/view/describe-event.ts'
import { headerRows } from '../../src/view/header.ts'
import { createJsonLines } from '../../src/view/json-lines.ts'
import type { Row } from '../../src/view/row.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { chunk, failed, listed, runOf, succeeded } from '../helpers/facts.ts'

const NOW = wallTime(9000)
const late: LateItems = { isListed: false, kind: 'glob', pattern: '*', cwd: '/plans' }
const plan = buildPlan({
  phases: ['one'],
  batches: [
    { id: 'make', count: 6 },
    { id: 'use', count: 0, late, phase: 0, needs: [{ kind: 'batch', index: 0, when: 'succeeded' }] },
  ],
})
const MADE = [chunk(0, [0, 1, 2, 3, 4, 5]), succeeded(0, [0, 1, 2, 3, 4, 5], { ms: 900 })]
const area = { columns: 160, rows: 8, looks: { ascii: false, color: false }, isFocused: false }
const text = (rows: readonly Row[]): string => rows.map((row) => row.map((part) => part.text).join('')).join('\n')

function pictureOf(events: readonly RunEvent[]): RunSnapshot {
  const state = runOf(plan, events)
  const live = createLive({ perThread: bytes(1), budget: bytes(100) })
  const context = { now: NOW, stateDir: '/state', isForeground: false, isLive: true, blockedBy: blockers(state) }
  return snapshotOf(state, live, context)
}

const screen = (snapshot: RunSnapshot) =>
  text([
    ...headerRows({ snapshot, now: NOW, area: { ...area, rows: 3 }, isLost: false }),
    ...batchesRows({ snapshot, area, selected: undefined }),
  ])
const said = (...events: readonly RunEvent[]) => pictureOf([...MADE, ...events]).events.map(describeEvent)

test('nobody says how many items there are, or that all is done, before the last batch is listed', () => {
  const snapshot = pictureOf(MADE)
  expect(snapshot.phases).toMatchObject([{ id: 'one', state: 'waiting' }])
  expect(screen(snapshot)).toMatch(/6\/6\+ done/)
  expect(screen(snapshot)).toMatch(/use +ready .* 0\/\? +not listed yet/)
  expect(screen(snapshot)).not.toContain('100 %\n')
  expect(formatStatus(snapshot, NOW)).toMatch(/6 of 6\+ items done \(85 %\)/)
  expect(formatStatus(snapshot, NOW)).toMatch(/use +ready +0\/\?/)
  expect(statusObject(snapshot, NOW)).toMatchObject({
    total: 6,
    unlisted: 1,
    batches: [
      { id: 'make', listed: undefined },
      { id: 'use', state: 'ready', listed: false },
    ],
  })
})

test('once it is listed, totals are what they are', () => {
  const snapshot = pictureOf([...MADE, listed(1, ['x', 'y'])])
  expect(screen(snapshot)).toMatch(/6\/8 done/)
  expect(formatStatus(snapshot, NOW)).toMatch(/6 of 8 items done \(75 %\)[^]*use +ready +0\/2/)
  expect(statusObject(snapshot, NOW)).toMatchObject({ total: 8, unlisted: undefined })
})

test('there is no time left to tell before it is listed', () => {
  expect(eta(runOf(plan, MADE), 2, 60)).toBeUndefined()
  expect(eta(runOf(plan, [...MADE, listed(1, ['x', 'y'])]), 2, 60)?.p50).toBeCloseTo(900, -1)
})

test('a batch that can never start is skipped, with nothing in it', () => {
  const because = { kind: 'need', id: 'make' } as const
  const skip = { type: 'items.skipped', batch: 1 as never, items: 'rest', count: 0, because } as const
  const snapshot = pictureOf([chunk(0, [0]), failed(0), skip])
  expect(screen(snapshot)).toMatch(/use +skipped .* 0\/0/)
  expect(snapshot.batches[1]).toMatchObject({ state: 'ended', total: 0, isUnlisted: true })
  expect(snapshot.head.unlisted).toBeUndefined()
  expect(snapshot.events.map(describeEvent)).toContain('batch use, not listed yet, skipped: make cannot be met')
})

test('events say how many were found, and that nothing was or nobody could look', () => {
  expect(said(listed(1, ['x', 'y']))).toContain('batch use has 2 items')
  expect(said(listed(1, []))).toContain('batch use was listed and has no items')
  const reason = { kind: 'setup', message: 'exit 3' } as const
  expect(said({ ...listed(1, ['use']), isFailed: true }, failed(6, { reason }))).toEqual(
    expect.arrayContaining(['the items of batch use could not be listed', 'use failed: setup: exit 3']),
  )
})

test('a screen is not sent the names of a million items', () => {
  const names = Array.from({ length: 1000 }, (_, place) => `${place}`)
  const { events } = pictureOf([...MADE, listed(1, names)])
  expect(events.at(-1)?.event).toMatchObject({ type: 'batch.listed', count: 1000, names: { names: [] } })
})

test('JSON lines name late items by what they are called, and say once that they were listed', () => {
  const linesOf = createJsonLines({ plans: [plan], run: '7f3a' as never, iso: (at) => new Date(at).toISOString() })
  const events = [...MADE, listed(1, ['x', 'y']), chunk(1, [6]), succeeded(1, [6])]
  const lines = events.flatMap((event, place) => linesOf({ seq: place + 1, at: wallTime(1), event }))
  expect(lines.slice(6).map((line) => JSON.parse(line) as object)).toMatchObject([
    { type: 'batch.listed', batch: 'use', items: 2 },
    { type: 'item.succeeded', batch: 'use', item: 'x', number: 7 },
  ])
})

test('plain lines have the same totals', () => {
  const snapshot = pictureOf(MADE)
  const head = { ...snapshot.head, running: 1 }
  const lines = new PlainLines({ run: '7f3a' as never, plan: 'test', startedAt: wallTime(0), isQuiet: false })
  expect(lines.progress({ ...snapshot, head }, wallTime(20_000))).toEqual([expect.stringMatching(/ 6\/6\+ {3}85 %/)])
})
