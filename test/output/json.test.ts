import { expect, test } from 'vitest'
import { runId } from '../../src/model/ids.ts'
import type { RunSnapshot } from '../../src/model/snapshot.ts'
import { bytes } from '../../src/model/units.ts'
import { interruptedLine, invalidLines, sampleLine, statusObject } from '../../src/output/json.ts'
import { pressedRun } from '../helpers/snapshots.ts'
import { GB, MB, NOW, storyRun } from '../helpers/story-run.ts'

interface Status {
  readonly memory: object
  readonly threads: readonly object[]
  readonly batches: readonly object[]
}

const statusOf = (run: RunSnapshot): Status => JSON.parse(JSON.stringify(statusObject(run, NOW))) as Status
const read = (text: string) => JSON.parse(text) as Record<string, unknown>

test('status is one object with the names of the contract', () => {
  const status = read(JSON.stringify(statusObject(storyRun(), NOW)))
  expect(status).toMatchObject({
    v: 1,
    run: '7f3a',
    plan: 'stories-6x2gb',
    state: 'running',
    startedAt: '2026-11-20T09:00:00.000Z',
    elapsed: 2_472_000,
    total: 426,
    failed: 2,
    gates: [],
    eta: { p50: expect.any(Number), p90: expect.any(Number) },
    memory: { budget: 12 * 2 ** 30, perThread: 2 * 2 ** 30, reserve: 4 * 2 ** 30, total: 16 * 2 ** 30 },
  })
  expect(status).toHaveProperty('planPath')
  expect(status).toHaveProperty('stateDir')
  expect(status).not.toHaveProperty('exit')
})

test('its threads name batch and item, its batches have all counts', () => {
  const { threads, batches } = read(JSON.stringify(statusObject(storyRun(), NOW))) as {
    threads: Record<string, unknown>[]
    batches: Record<string, unknown>[]
  }
  expect(threads[0]).toMatchObject({ thread: 1, state: 'running', batch: '3.1', item: 'US-147', cap: 2 * 2 ** 30 })
  expect(Object.keys(threads[0] ?? {})).toEqual(expect.arrayContaining(['startedAt', 'fraction', 'used']))
  expect(Object.keys(batches[0] ?? {})).toEqual([
    'id',
    'state',
    'total',
    'succeeded',
    'failed',
    'skipped',
    'running',
    'waiting',
  ])
})

test('its memory says what the governor goes by, and its threads and batches what they take', () => {
  const { memory, threads, batches } = statusOf(pressedRun())
  expect(memory).toEqual({
    budget: 12 * GB,
    perThread: 2 * GB,
    reserve: 4 * GB,
    total: 16 * GB,
    act: 0.95,
    used: 7.9 * GB,
    system: { total: 16 * GB, available: 5 * GB, pressure: 0.024 },
    budgetNow: 8.9 * GB,
    backing: 'cgroup2',
    holdsAbove: 300 * MB,
  })
  expect(threads[0]).toMatchObject({ expected: 1.6 * GB, heap: 1.7 * 0.6 * GB, external: 1.7 * 0.3 * GB })
  expect(threads[5]).not.toHaveProperty('expected')
  expect(batches[0]).not.toHaveProperty('size')
  const story = storyRun()
  const sized = story.batches.map((batch) => Object.assign({}, batch, { size: bytes(310 * MB) }))
  expect(statusOf({ ...story, batches: sized }).batches[0]).toMatchObject({ size: 310 * MB })
})

test('of a run that is over nothing is said that only a live one knows', () => {
  const story = storyRun()
  const { memory } = statusOf({ ...story, memory: { ...story.memory, isKnown: false, act: 0.9 } })
  expect(Object.keys(memory)).toEqual(['budget', 'perThread', 'reserve', 'total', 'act'])
  expect(memory).toMatchObject({ act: 0.9 })
})

test('a sample has the memory of system and threads, and no number', () => {
  const line = read(sampleLine(storyRun(), NOW))
  expect(line).toMatchObject({
    v: 1,
    run: '7f3a',
    type: 'memory.sampled',
    budget: 12 * 2 ** 30,
    threads: expect.any(Array),
  })
  expect(line).not.toHaveProperty('seq')
})

test('every error of a plan is a line; warnings are none', () => {
  const problem = { file: 'p.yaml', line: 3, column: 5, length: 1, text: 'x', rule: 'unknown-key', message: 'no' }
  const lines = invalidLines(
    [
      { ...problem, severity: 'error', hint: 'did you mean' },
      { ...problem, severity: 'warning' },
    ],
    NOW,
  )
  expect(lines.map(read)).toEqual([
    {
      v: 1,
      at: '2026-11-20T09:41:12.000Z',
      type: 'plan.invalid',
      file: 'p.yaml',
      line: 3,
      column: 5,
      rule: 'unknown-key',
      message: 'no',
      hint: 'did you mean',
    },
  ])
})

test('a lost supervisor is a line', () => {
  expect(read(interruptedLine(runId('7f3a'), NOW))).toMatchObject({ v: 1, run: '7f3a', type: 'run.interrupted' })
})
