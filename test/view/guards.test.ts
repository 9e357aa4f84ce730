/** Breakers and undos on screens and in `status`. */
import { expect, test } from 'vitest'
import type { BatchView, RunSnapshot, ThreadView } from '../../src/model/snapshot.ts'
import { wallTime } from '../../src/model/units.ts'
import { statusObject } from '../../src/output/json.ts'
import { formatStatus } from '../../src/output/status.ts'
import { batchesRows } from '../../src/view/batches.ts'
import { detailsRows } from '../../src/view/details.ts'
import type { Area, Row } from '../../src/view/row.ts'
import { threadsRows } from '../../src/view/threads.ts'
import { NOW, storyRun } from '../helpers/story-run.ts'

const area: Area = { columns: 160, rows: 30, looks: { ascii: false, color: false }, isFocused: false }
const text = (rows: readonly Row[]): string => rows.map((row) => row.map((part) => part.text).join('')).join('\n')

const breaker = { failures: 10, of: 20, until: wallTime(NOW + 40_000) }

function withGuards(change: Partial<ThreadView> = {}): RunSnapshot {
  const story = storyRun()
  const [first, ...threads] = story.threads
  const [batch, ...batches] = story.batches.filter(({ state }) => state === 'running')
  if (!first || !batch) throw new Error('the story has changed')
  return {
    ...story,
    threads: [{ ...first, ...change }, ...threads],
    batches: [{ ...batch, state: 'waiting', needs: [], breaker, toUndo: 3 }, ...batches],
  }
}

const threadList = (snapshot: RunSnapshot) => text(threadsRows({ snapshot, now: NOW, area, selected: 1 }))

test('a thread that undoes names the item and says that it undoes', () => {
  const snapshot = withGuards({ state: 'running', isUndo: true })
  const name = snapshot.threads[0]?.item?.name ?? ''
  expect(threadList(snapshot)).toContain(`undo ${name}`)
  expect(formatStatus(snapshot, NOW)).toContain(`undo ${name}`)
  expect(statusObject(snapshot, NOW)).toMatchObject({
    threads: expect.arrayContaining([expect.objectContaining({ undo: true })]),
  })
  const of = { kind: 'thread', thread: snapshot.threads[0] as ThreadView } as const
  expect(text(detailsRows({ snapshot, now: NOW, area, of, why: undefined, log: undefined }))).toContain(
    `undo ${name} (@`,
  )
})

test('a thread that waits for a breaker says how long', () => {
  const { item: _, clock: __, batch: ___, ...idle } = withGuards().threads[0] as ThreadView
  const why = 'breaker of 3.1 open: 10 of its last 20 attempts failed'
  const thread = { ...idle, state: 'waiting', why, retryAt: breaker.until } as const
  expect(threadList({ ...storyRun(), threads: [thread] })).toContain(`40 s more, ${why}`)
})

test('a batch whose breaker is open says so', () => {
  const snapshot = withGuards()
  expect(text(batchesRows({ snapshot, area, selected: undefined }))).toContain('breaker open')
  expect(formatStatus(snapshot, NOW)).toContain('breaker open, 40 s more, 3 items to undo')
  const batch = snapshot.batches[0] as BatchView
  const details = (now: typeof NOW) =>
    text(detailsRows({ snapshot, now, area, of: { kind: 'batch', batch }, why: undefined, log: undefined }))
  expect(details(NOW)).toMatch(/breaker +open, 40 s more: 10 of its last 20 attempts failed/)
  expect(details(wallTime(NOW + 50_000))).toMatch(/breaker +open, one item tries: 10 of its last 20 attempts failed/)
  expect(details(NOW)).toMatch(/to undo +3 items/)
})

test('scripts get the moment, and how many are to be undone', () => {
  const { batches } = statusObject(withGuards(), NOW) as { batches: readonly object[] }
  expect(batches[0]).toMatchObject({
    toUndo: 3,
    breaker: { failures: 10, of: 20, until: new Date(NOW + 40_000).toISOString() },
  })
})
