import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { matching, pageOf } from '../../src/cli/item-rows.ts'
import { loadReplica, Replica } from '../../src/cli/replica.ts'
import { summaryOf } from '../../src/cli/summary.ts'
import { writeCheckpoint } from '../../src/journal/checkpoint.ts'
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import { bytes, millis, wallTime } from '../../src/model/units.ts'
import { freezeFacts, packFacts } from '../../src/run/pack.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { listedPlan } from '../helpers/edit-plan.ts'
import { chunk, recovery, runOf, succeeded } from '../helpers/facts.ts'
import { keptRun, started } from '../helpers/kept-run.ts'

const plan = buildPlan({
  batches: [
    { id: 'a', count: 4 },
    { id: 'b', count: 2 },
  ],
})
const thread = threadNumber(1)
const [x, y, z, last] = [0, 1, 2, 3].map(itemIndex) as [never, never, never, never]

/** x succeeds with value and output, y fails for good, z is handed out, the last one is skipped, b is skipped as a whole. */
const events: readonly RunEvent[] = [
  { type: 'run.started', run: runId('7f3a'), plan: 'test', items: 6, threads: 1, memory: plan.memory, epoch: 1 },
  { type: 'chunk.started', thread, batch: batchIndex(0), items: [x, y, z] },
  {
    type: 'items.succeeded',
    thread,
    batch: batchIndex(0),
    items: [x],
    attempts: [1],
    ms: [12.345],
    values: [{ offset: 100, length: 7 }],
    logs: [{ file: 2, offset: 50, length: 10 }],
  },
  {
    type: 'item.failed',
    item: y,
    thread,
    attempt: 1,
    ms: millis(5),
    reason: { kind: 'threw', message: 'no' },
    log: { file: 2, offset: 60, length: 3 },
  },
  { type: 'items.skipped', batch: batchIndex(0), items: [last], count: 1, because: { kind: 'user' } },
  { type: 'items.skipped', batch: batchIndex(1), items: 'rest', count: 2, because: { kind: 'need', id: 'a' } },
]

function replica(plans = [plan]): Replica {
  const made = new Replica(plans)
  for (const [place, event] of events.entries()) made.apply({ seq: place + 1, at: wallTime(1000 + place), event })
  return made
}

test('it knows where output and values of items stand', () => {
  const made = replica()
  expect(made.log(x)).toEqual({ thread: 1, log: { file: 2, offset: 50, length: 10 } })
  expect(made.log(y)).toEqual({ thread: 1, log: { file: 2, offset: 60, length: 3 } })
  expect(made.log(z)).toBeUndefined()
  expect(made.value(x)).toEqual({ offset: 100, length: 7 })
  expect(made.value(y)).toBeUndefined()
})

test('a later attempt without output forgets the output of the one before', () => {
  const made = replica()
  made.apply({
    seq: 7,
    at: wallTime(2000),
    event: {
      type: 'item.failed',
      item: y,
      thread,
      attempt: 2,
      ms: millis(1),
      reason: { kind: 'threw', message: 'no' },
    },
  })
  expect(made.log(y)).toBeUndefined()
})

test('it knows what the last attempt of an item took, where somebody looked', () => {
  const other = listedPlan([{ id: 'a', items: ['new', 'a-002', 'a-001'] }])
  const made = replica([plan, other])
  expect(made.peaks.isKnown).toBe(false)
  expect(made.peaks.get(x)).toBeUndefined()
  const reason = { kind: 'memory', message: 'took 2.1 GB' } as const
  const attempt = { item: z, thread, attempt: 1, ms: millis(5), reason, peak: bytes(2100) }
  made.apply({ seq: 7, at: wallTime(2000), event: { type: 'item.failed', ...attempt } })
  made.apply({ seq: 8, at: wallTime(2001), event: { type: 'items.requeued', failed: [y], skipped: [], unskipped: [] } })
  made.apply({ seq: 9, at: wallTime(2002), event: chunk(0, [y]) })
  made.apply({ seq: 10, at: wallTime(2003), event: succeeded(0, [y], { peak: 310 }) })
  expect(made.peaks.isKnown).toBe(true)
  expect([x, y, z].map((item) => made.peaks.get(item))).toEqual([undefined, 310, 2100])
  // Under another plan each amount stays with its item.
  made.apply({ seq: 11, at: wallTime(9000), event: recovery(other, { planVersion: 2, changed: 'keep' }) })
  expect([x, y, z].map((item) => made.peaks.get(item))).toEqual([undefined, 310, undefined])
})

test('events worth a line come back with names', () => {
  const made = new Replica([plan])
  const told = events.map((event, place) => made.apply({ seq: place + 1, at: wallTime(0), event }))
  expect(told.map((view) => view?.name ?? view?.batch ?? view?.event.type)).toEqual([
    'run.started',
    undefined,
    undefined,
    'a-002',
    'a-004',
    'b',
  ])
})

test('items as rows, with what only a live run knows', () => {
  const source = { state: replica().state, running: new Set([z]) }
  const { rows, total } = pageOf(source, { from: 0, count: 5 })
  expect(total).toBe(6)
  expect(rows.map(({ name, state, reason }) => [name, state, reason])).toEqual([
    ['a-001', 'succeeded', undefined],
    ['a-002', 'failed', 'no'],
    ['a-003', 'running', undefined],
    ['a-004', 'skipped', 'by you'],
    ['b-001', 'skipped', 'a cannot be met'],
  ])
  expect(rows[0]).toMatchObject({ attempts: 1, ms: 12.35 })
})

test('items by state, batch and text', () => {
  const source = { state: replica().state, running: new Set<never>() }
  expect([...matching(source, { states: ['failed', 'queued'] })]).toEqual([1, 2])
  expect([...matching(source, { batch: 'b' })]).toEqual([4, 5])
  expect([...matching(source, { text: 'A-00', states: ['skipped'] })]).toEqual([3])
  expect(pageOf(source, { text: '00', from: 4, count: 10 })).toMatchObject({
    total: 6,
    rows: [{ index: 4 }, { index: 5 }],
  })
})

test('a summary counts what is durable and names what failed', () => {
  expect(summaryOf({ run: runId('7f3a'), plan: 'test' }, replica().state)).toMatchObject({
    outcome: 'interrupted',
    succeeded: 1,
    failed: 1,
    skipped: 3,
    left: 1,
    ms: 5,
    failures: [{ name: 'a-002', reason: 'no' }],
  })
})

test('after a recovery with another plan, output and values are found under the items’ new numbers', () => {
  for (const [changed, value] of [
    ['keep', { offset: 100, length: 7 }],
    ['rerun', undefined],
  ] as const) {
    const other = listedPlan([{ id: 'a', items: ['new', 'a-002', 'a-001'], task: '/tasks/other.ts' }])
    const made = replica([plan, other])
    made.apply({ seq: 7, at: wallTime(9000), event: recovery(other, { planVersion: 2, changed }) })
    expect(made.state.plan).toBe(other)
    expect(made.value(z)).toEqual(value)
    expect(made.log(z)).toEqual({ thread: 1, log: { file: 2, offset: 50, length: 10 } })
    expect(made.log(x)).toBeUndefined()
    expect(pageOf({ state: made.state, running: new Set() }, { from: 0, count: 3 }).rows).toMatchObject([
      { name: 'new', state: 'queued' },
      { name: 'a-002', state: changed === 'keep' ? 'failed' : 'queued' },
      { name: 'a-001', state: changed === 'keep' ? 'succeeded' : 'queued' },
    ])
  }
})

test('where the journal is damaged before the checkpoint, its facts and what came after them are all that is needed', async () => {
  const { info, ...session } = await keptRun(
    plan,
    [[0, started(plan), chunk(0, [0, 1]), succeeded(0, [0])]],
    [[500, succeeded(0, [1], { ms: 7 })]],
  )
  const { state } = await loadReplica({ info, ...session })
  const before = runOf(plan, [started(plan), chunk(0, [0, 1]), succeeded(0, [0])])
  const packing = packFacts(freezeFacts(before))
  let step = packing.next()
  while (!step.done) step = packing.next()
  const about = { run: info.run, planVersion: 1, at: wallTime(0), values: {} }
  await writeCheckpoint(info.folder, { ...about, generation: 2, seq: 3, facts: step.value })
  await truncate(join(info.folder, 'journal-00000001.log'), 100)
  const { state: rescued } = await loadReplica({ info, ...session })
  expect(rescued.items.status).toEqual(state.items.status)
  expect(rescued.seq).toBe(4)
  const { rows } = pageOf({ state: rescued, running: new Set() }, { from: 0, count: 2 })
  expect(rows.map(({ state: word, ms }) => [word, ms])).toEqual([
    ['succeeded', undefined],
    ['succeeded', 7],
  ])
})
