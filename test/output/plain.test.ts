import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import type { EventView } from '../../src/model/snapshot.ts'
import { millis, wallTime } from '../../src/model/units.ts'
import { PlainLines } from '../../src/output/plain.ts'
import { acted, at, NOW, START, storyRun } from '../helpers/story-run.ts'

const options = { run: runId('7f3a'), plan: 'stories', startedAt: START, isQuiet: false }
const thread = threadNumber(1)

const failed: EventView = {
  seq: 9,
  at: at(0, 41, 10),
  name: 'US-252',
  batch: '3.4',
  event: {
    type: 'item.failed',
    item: itemIndex(251),
    thread,
    attempt: 5,
    ms: millis(100),
    reason: { kind: 'threw', message: 'boom' },
  },
}

const view = (event: RunEvent): EventView => ({ seq: 1, at: START, batch: '3.4', event })

describe('events', () => {
  test('a failed item comes with its last output, cleaned', () => {
    const lines = new PlainLines(options)
    expect(lines.wants(failed)).toBe(true)
    expect(lines.event(failed, ['first', '\u001b[2Jsecond', ''])).toEqual([
      '00:41:10  US-252 failed after 5 attempts: boom',
      '            | first',
      '            | second',
      '            |',
    ])
  })

  test('the first line names the run and the day', () => {
    const started = view({ ...startedEvent() })
    expect(new PlainLines(options).event(started)).toEqual([
      '00:00:00  run 7f3a of stories started 2026-11-20 09:00:00 UTC: 426 items on 6 threads',
    ])
  })

  test('threads that come and go, and the end, are not told', () => {
    const lines = new PlainLines(options)
    expect(lines.wants(view({ type: 'thread.started', thread }))).toBe(false)
    expect(lines.wants(view({ type: 'thread.stopped', thread }))).toBe(false)
    expect(lines.wants(view({ type: 'thread.paused', thread, by: 'user' }))).toBe(true)
    expect(lines.wants(view({ type: 'batch.started', batch: batchIndex(0) }))).toBe(true)
  })

  test('quiet tells only what failed', () => {
    const lines = new PlainLines({ ...options, isQuiet: true })
    expect(lines.wants(view({ type: 'batch.started', batch: batchIndex(0) }))).toBe(false)
    expect(lines.wants(failed)).toBe(true)
  })

  test('a flood is counted, not printed, and once it is over lines come again', () => {
    const lines = new PlainLines(options)
    const wanted = Array.from({ length: 1000 }, () => lines.wants(failed)).filter(Boolean)
    expect(wanted).toHaveLength(50)
    expect(lines.unsaid(NOW)).toEqual(['00:41:12  and 950 more events: `batchtop events` has all'])
    expect(lines.unsaid(NOW)).toEqual([])
    expect(lines.wants(failed)).toBe(true)
  })

  test('a governor that acts without end is told now and then, and leaves the lines to the others', () => {
    const lines = new PlainLines(options)
    const act = acted(1, START, {
      stage: 'reclaim',
      thread: 2,
      gb: [1.9, 1.2],
      ms: 840,
      why: '10 GB of 12 GB in sight',
    })
    expect(lines.event(act)).toEqual([
      '00:00:00  governor: thread 2 gave memory back, 1.9 → 1.2 GB in 0.8 s (10 GB of 12 GB in sight)',
    ])
    const wanted = Array.from({ length: 100 }, () => lines.wants(act)).filter(Boolean)
    expect(wanted).toHaveLength(5)
    expect(lines.wants(failed)).toBe(true)
    expect(lines.unsaid(NOW)).toEqual(['00:41:12  and 95 more events: `batchtop events` has all'])
    expect(lines.wants(act)).toBe(true)
  })

  test('a pause of the governor is told once: as what it did', () => {
    const lines = new PlainLines(options)
    expect(lines.wants(view({ type: 'thread.paused', thread, by: 'governor' }))).toBe(false)
    expect(lines.wants(view({ type: 'thread.resumed', thread, by: 'governor' }))).toBe(false)
  })
})

const later = (seconds: number) => wallTime(START + seconds * 1000)

describe('progress', () => {
  test('one line every ten seconds while something runs', () => {
    const lines = new PlainLines(options)
    const told = Array.from({ length: 25 }, (_, second) => lines.progress(storyRun(), later(second)).length)
    expect(told.map((count, second) => (count > 0 ? second : -1)).filter((second) => second >= 0)).toEqual([10, 20])
  })

  test('counts, share, rate, time left and memory in columns that do not jump', () => {
    expect(new PlainLines(options).progress(storyRun(), NOW)).toEqual([
      '00:41:12  312/426   73 %     2 failed     4 running    7.6/min  ETA 16 min     9.9/12 GB',
    ])
  })

  test('nothing while nothing runs, or when quiet', () => {
    const { head, ...rest } = storyRun()
    const idle = { ...rest, head: { ...head, running: 0, waiting: 0 } }
    expect(new PlainLines(options).progress(idle, NOW)).toEqual([])
    expect(new PlainLines({ ...options, isQuiet: true }).progress(storyRun(), NOW)).toEqual([])
  })
})

function startedEvent(): Extract<RunEvent, { type: 'run.started' }> {
  const { memory } = storyRun()
  return { type: 'run.started', run: runId('7f3a'), plan: 'stories', items: 426, threads: 6, memory, epoch: 1 }
}

test('a recovery names run and day, as a start does', () => {
  const recovered = {
    ...startedEvent(),
    type: 'run.recovered' as const,
    epoch: 2,
    planVersion: 1,
    changed: 'keep' as const,
    succeeded: 5210,
    requeued: 12,
    new: 0,
    gone: 1,
    paused: 0,
    lost: [],
  }
  expect(new PlainLines(options).event(view(recovered))).toEqual([
    '00:00:00  run 7f3a of stories goes on 2026-11-20 09:00:00 UTC: run recovered: 5,210 done, 12 requeued, 0 new, 1 gone',
  ])
})

test('a disk in trouble is told at once, once, and again when it comes back', () => {
  const run = storyRun()
  const trouble = { message: 'the disk is full (ENOSPC)', since: at(0, 41, 0), events: 3 }
  const inTrouble = (since = trouble.since) => ({ ...run, head: { ...run.head, trouble: { ...trouble, since } } })
  const lines = new PlainLines({ ...options, isQuiet: true })
  lines.progress(run, NOW)
  expect(lines.progress(inTrouble(), NOW)).toEqual([
    '00:41:12  the disk is full (ENOSPC): nothing starts, what ends is kept in memory until it can be written',
  ])
  expect(lines.progress(inTrouble(), NOW)).toEqual([])
  expect(lines.progress(run, NOW)).toEqual([])
  expect(lines.progress(inTrouble(at(0, 41, 5)), NOW)).toHaveLength(1)
})
