import { expect, test } from 'vitest'
import { threadNumber } from '../../src/model/ids.ts'
import type { Head, RunSnapshot, ThreadView } from '../../src/model/snapshot.ts'
import { bytes, millis, wallTime } from '../../src/model/units.ts'
import { batchesRows } from '../../src/view/batches.ts'
import { eventsRows } from '../../src/view/events.ts'
import { headerRows } from '../../src/view/header.ts'
import type { Area, Row } from '../../src/view/row.ts'
import { threadsRows } from '../../src/view/threads.ts'
import { timelineRows } from '../../src/view/timeline.ts'
import {
  crashedRun,
  endedRun,
  freshRun,
  manyThreads,
  pressedRun,
  smallRun,
  starvedRun,
  troubledRun,
} from '../helpers/snapshots.ts'
import { acted, at, NOW, storyRun } from '../helpers/story-run.ts'

const area = (columns: number, rows: number): Area => ({
  columns,
  rows,
  looks: { ascii: false, color: false },
  isFocused: false,
})
const text = (rows: readonly Row[]): string => rows.map((row) => row.map((part) => part.text).join('')).join('\n')
const story = storyRun()

function header(change: Partial<Head>, columns = 120, isLost = false): string {
  const snapshot = { ...story, head: { ...story.head, ...change } }
  return text(headerRows({ snapshot, now: NOW, area: area(columns, columns >= 100 ? 3 : 2), isLost }))
}

test('the header says which run, its state, how far and how long', () => {
  expect(header({})).toContain('stories-6x2gb · run 7f3a · RUNNING')
  expect(header({})).toMatch(/00:41:12 +ETA 16 min \(p90 22 min\) +312\/426 done {2}2 failed/)
  expect(header({})).toContain('73 %')
  expect(header({})).toContain('phase 3 of 5  Engagement')
  expect(header({})).toContain('checkpoint 4 min ago, 36 kB')
})

test('the header never says more than is known', () => {
  const { eta: _, rate: __, ...rest } = story.head
  const unknown = text(headerRows({ snapshot: { ...story, head: rest }, now: NOW, area: area(120, 3), isLost: false }))
  expect(unknown).not.toContain('ETA')
  expect(unknown).not.toContain('/min')
  expect(header({ eta: { p50: millis(0), p90: millis(0) } })).not.toContain('ETA')
  expect(header({ total: 0, succeeded: 0, failed: 0 })).not.toContain('NaN')
  expect(header({ succeeded: 423, failed: 2, total: 426 })).toContain('99 %')
})

test.each([
  [{ state: 'paused' }, 'PAUSED'],
  [{ state: 'draining' }, 'DRAINING'],
  [{ state: 'ended', outcome: 'failed' }, 'FAILED'],
  [{ state: 'ended', outcome: 'succeeded' }, 'SUCCEEDED'],
  [{ state: 'interrupted' }, 'INTERRUPTED'],
] as const)('the header of %j says %s', (change, word) => {
  expect(header(change)).toContain(`· ${word} `)
})

test.each([200, 120, 80, 60])('a run that stands still because nothing fits says so in %i columns', (columns) => {
  const rows = (snapshot: RunSnapshot): string =>
    text(headerRows({ snapshot, now: NOW, area: area(columns, columns >= 100 ? 3 : 2), isLost: false }))
  expect(rows(starvedRun())).toContain('· WAITS FOR MEMORY ')
  // Some of its threads run.
  expect(rows(pressedRun())).toContain('· RUNNING ')
})

test('a lost supervisor is named in every size', () => {
  expect(header({}, 120, true)).toContain('· LOST')
  expect(header({}, 60, true)).toContain('· LOST')
})

test.each([
  [
    200,
    4,
    'DISK: the disk is full (ENOSPC) for 02:10, nothing starts, 1,204 events kept in memory until it takes them',
  ],
  [100, 4, 'DISK: the disk is full (ENOSPC) for 02:10, nothing starts, 1,204 events kept in memory'],
  [80, 3, 'DISK: the disk is full (ENOSPC), nothing starts, 1,204 events in memory'],
  [60, 3, 'DISK: the disk is full (ENOSPC), nothing starts'],
])('a disk in trouble has a row of its own in %i columns, and only the ETA gives way', (columns, rows, expected) => {
  const { eta: _, ...head } = story.head
  const troubled = text(headerRows({ snapshot: troubledRun(), now: NOW, area: area(columns, rows), isLost: false }))
  const well = text(
    headerRows({ snapshot: { ...story, head }, now: NOW, area: area(columns, rows - 1), isLost: false }),
  )
  expect(troubled).toBe(`${well}\n ${expected}`)
})

test('however long the reason of the trouble is, what it means is said first', () => {
  const snapshot = troubledRun('/a/very/long/folder/of/runs: Input/output error while the journal was synced (EIO)')
  const rows = text(headerRows({ snapshot, now: NOW, area: area(60, 3), isLost: false })).split('\n')
  expect(rows[2]).toMatch(/^ DISK: nothing starts, 1,204 events in memory,.*…$/)
})

test('a recovered run says which epoch it is where nothing has to give way to that', () => {
  expect(header({ epoch: 2 }, 160)).toContain('stories-6x2gb · run 7f3a · epoch 2 · RUNNING')
  expect(header({ epoch: 2 }, 80)).toContain('stories-6x2gb · 7f3a · epoch 2 · RUNNING')
  expect(header({ epoch: 2 }, 60)).toContain('stories-6x2gb · RUNNING')
  expect(header({ epoch: 1 }, 160)).not.toContain('epoch')
})

test('what is left of a run that is over is not said to be ready', () => {
  const lines = text(batchesRows({ snapshot: crashedRun(), area: area(120, 20), selected: 13 }))
  expect(lines).toMatch(/3\.6 Validation +left +\[-+\] +0 % +0\/20/)
})

test('CPU that was not kept is no figure', () => {
  expect(threadLine({ cpu: Number.NaN })).toMatch(/1\.7 GB {5}-$/)
})

test('a long plan name gives way before anything else does', () => {
  const narrow = header({ plan: 'a-plan-with-a-name-that-goes-on-and-on' }, 60)
  expect(narrow).toContain('…')
  expect(narrow).toContain('RUNNING')
  expect(narrow).toContain('312/426 done  2 failed')
})

function threadLine(change: Partial<ThreadView>, columns = 120): string {
  const [first] = story.threads
  if (first === undefined) throw new Error('no thread')
  const snapshot: RunSnapshot = { ...story, threads: [{ ...first, ...change }] }
  return text(threadsRows({ snapshot, now: NOW, area: area(columns, 3), selected: 1 })).split('\n')[2] ?? ''
}

test('a running thread shows batch, item, progress, time against the usual, memory and CPU', () => {
  expect(threadLine({})).toMatch(
    /^ ▸ 1 running {3}3\.1 Gamification +US-147 +\[#####-----\] {2}52 % 00:14 \/ 00:28 +\[#+-\] {2}1\.7 GB {2}96 %$/,
  )
})

test('an item beyond the 95th of 100 has a mark', () => {
  expect(threadLine({ clock: { since: wallTime(NOW - 96_000) } })).toContain('01:36 / 00:28 !!')
  expect(threadLine({ clock: { since: wallTime(NOW - 94_000) } })).not.toContain('!!')
  expect(threadLine({ clock: { since: wallTime(NOW - 96_000) } }, 60)).toContain('01:36 !!')
})

test('an item that reports no progress has no bar, and none reaches 100 % while it runs', () => {
  const { fraction: _, ...silent } = story.threads[0] as ThreadView
  const snapshot = { ...story, threads: [silent] }
  const line = text(threadsRows({ snapshot, now: NOW, area: area(120, 3), selected: 1 })).split('\n')[2]
  expect(line).not.toMatch(/ \d+ % \d\d:/)
  expect(threadLine({ fraction: 1 })).toContain('99 % 00:14')
  expect(threadLine({ fraction: Number.NaN })).not.toContain('NaN')
})

test.each([120, 80, 60])('a paused thread says by whom and since when in %i columns', (columns) => {
  const paused = { state: 'paused', paused: { by: 'user', at: wallTime(NOW - 130_000) } } as const
  expect(threadLine(paused, columns)).toContain('PAUSED')
  expect(threadLine(paused, columns)).toContain('US-147  by you 02:10')
})

test.each([
  [200, 'PAUSED    3.4 Professional development US-241  by governor 00:12 '],
  [120, 'PAUSED    3.4 Professional…      US-241  governor 00:12 ['],
  [80, 'PAUSED    3.4   US-241  by governor 00:12 '],
  [60, 'PAUSED    3.4   US-241  governor 00:12 '],
])('a thread that the governor made stand still says so in %i columns', (columns, line) => {
  const snapshot = pressedRun()
  const rows = text(threadsRows({ snapshot, now: NOW, area: area(columns, 8), selected: 1 }))
  expect(rows).toContain(line)
  expect(rows).toMatch(/waiting +memory: needs 1\.2 GB,/)
})

test('threads without work say why', () => {
  const lines = text(threadsRows({ snapshot: story, now: NOW, area: area(80, 8), selected: 1 }))
  expect(lines).toContain('US-252  2 of 5 in 8 s')
  expect(lines).toContain('waiting         needs 3.1, 3.4')
})

test('memory is in one unit in all rows', () => {
  const snapshot = manyThreads(3)
  const [first] = snapshot.threads
  const threads = first === undefined ? [] : [{ ...first, used: bytes(90 * 2 ** 20) }, ...snapshot.threads.slice(1)]
  const lines = text(threadsRows({ snapshot: { ...snapshot, threads }, now: NOW, area: area(80, 5), selected: 1 }))
  expect(lines).toContain('0.1 GB')
  expect(lines).not.toContain('MB')
})

test('before the first look no amount of memory is shown', () => {
  expect(text(threadsRows({ snapshot: freshRun(), now: NOW, area: area(80, 8), selected: 1 }))).not.toContain('0 MB')
})

test('the timeline shows what ran when, with a mark for now', () => {
  const rows = text(timelineRows({ snapshot: story, now: NOW, area: area(120, 8), selected: 1 })).split('\n')
  expect(rows[1]).toMatch(/00:00 +00:05 .* now/)
  expect(rows[2]).toMatch(/^ ▸ 1 {2}=+1\.1=+ +=+2\.1=+ #+3\.1#+│/)
  expect(rows[7]).toMatch(/=+3\.1=+ +│/)
  expect(new Set(rows.slice(2).map((row) => row.lastIndexOf('│'))).size).toBe(1)
})

const timelineOf = (snapshot: RunSnapshot): readonly string[] =>
  text(timelineRows({ snapshot, now: NOW, area: area(120, 8), selected: 1 })).split('\n')

test('the timeline marks where the governor held a thread or took its item, and says what the marks mean', () => {
  const snapshot = pressedRun()
  expect(timelineOf(snapshot)[0]).toMatch(/─ ! held by the governor ─$/)
  expect(timelineOf(snapshot)[5]).toMatch(/#3\.4#+!#+!│$/)
  const requeued = acted(900, at(0, 40, 0), { stage: 'requeue', thread: 1, gb: [1.7, 0.1], ms: 300, why: 'x' })
  const rows = timelineOf({ ...snapshot, events: [...snapshot.events, requeued] })
  expect(rows[0]).toContain('! held, x ended by the governor')
  expect(rows[2]).toMatch(/#x#+│$/)
  expect(timelineOf(smallRun())[0]).not.toContain('governor')
})

test('the timeline of an ended run ends where the run did', () => {
  const later = at(9, 0, 0)
  const rows = text(timelineRows({ snapshot: endedRun(), now: later, area: area(120, 8), selected: 1 }))
  expect(rows).toContain('end')
  expect(rows).toContain('00:50')
  expect(rows).not.toContain('02:00')
})

test('batches follow the work until one is selected', () => {
  const following = text(batchesRows({ snapshot: story, area: area(80, 5), selected: undefined }))
  expect(following).toContain('12-15 of 17')
  expect(following).toMatch(/3\.1 Gamification running .* 86 % +52\/60 {2}1 failed/)
  const chosen = text(batchesRows({ snapshot: story, area: area(80, 5), selected: 0 }))
  expect(chosen).toContain(' ▸ 1.1 RAV')
})

test('events are newest first and in the time of the run', () => {
  const lines = text(eventsRows({ snapshot: story, area: area(80, 4), from: 0 })).split('\n')
  expect(lines[1]).toContain('00:41:10  US-252 failed (exit 1), attempt 2 of 5 in 10 s')
  expect(lines[2]).toContain('00:41:02  thread 3 paused by you')
  expect(text(eventsRows({ snapshot: story, area: area(80, 4), from: 2 }))).toContain('3-5 of 17')
  // What the governor did is one line, not another for the thread.
  const all = text(eventsRows({ snapshot: story, area: area(120, 30), from: 0 }))
  expect(all).toContain('governor: thread 4 stands still at 1.8 GB (10.9 GB of 12 GB in sight)')
  expect(all).not.toContain('paused by the governor')
  expect(text(eventsRows({ snapshot: freshRun(), area: area(80, 4), from: 0 }))).toContain('nothing yet')
})

test('what the governor did to one thread in a moment is one line', () => {
  const acts = (['hold', 'reclaim', 'resume', 'hold', 'kill'] as const).map((stage, place) =>
    acted(500 + place, wallTime(NOW - 1000 + place * 100), {
      stage,
      thread: 2,
      gb: [2.1, 0],
      ms: 20,
      why: '2.1 GB of its 2 GB',
    }),
  )
  const other = acted(510, NOW, { stage: 'reclaim', thread: 3, gb: [1.9, 1.2], ms: 20, why: 'x' })
  const lines = text(
    eventsRows({ snapshot: { ...story, events: [...acts, other] }, area: area(120, 4), from: 0 }),
  ).split('\n')
  expect(lines[1]).toContain('governor: thread 3 gave memory back')
  expect(lines[2]).toContain('governor: thread 2 was ended, 2.1 → 0.0 GB in 20 ms (2.1 GB of its 2 GB), 4 more before')
  expect(lines[3]).toBe('')
})

test('a run without phases and a batch without a title repeat nothing', () => {
  const small = smallRun()
  expect(text(headerRows({ snapshot: small, now: NOW, area: area(120, 2), isLost: false }))).not.toContain('phase')
  const line = text(threadsRows({ snapshot: small, now: NOW, area: area(120, 4), selected: 1 }))
  expect(line).not.toContain('audit audit')
  expect(line).toContain('@alcalzone/ansi-tokenize')
})

test('the selected thread is always among those that are seen', () => {
  const snapshot = manyThreads(100)
  for (const selected of [1, 2, 50, 99, 100]) {
    const rows = text(threadsRows({ snapshot, now: NOW, area: area(80, 9), selected: threadNumber(selected) }))
    expect(rows).toMatch(new RegExp(` ▸ +${selected} `))
  }
})
