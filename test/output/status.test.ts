import { expect, test } from 'vitest'
import type { RunSnapshot } from '../../src/model/snapshot.ts'
import { formatStatus } from '../../src/output/status.ts'
import { pressedRun, troubledRun } from '../helpers/snapshots.ts'
import { NOW, storyRun } from '../helpers/story-run.ts'

test('a live run: head, threads, batches, memory', () => {
  const text = formatStatus(storyRun(), NOW)
  expect(text).toMatch(/^stories-6x2gb   run 7f3a   running   00:41:12   ETA 16 min \(p90 22 min\)\n/)
  expect(text).toContain('312 of 426 items done (73 %)')
  expect(text).toMatch(/^ +3 +paused by you +3\.1 +US-190/m)
  expect(text).toMatch(/^1\.1 +RAV monthly declarations +ended +12\/12/m)
  expect(text).toMatch(/memory 9\.9\/12 GB \(82 %\): 2 GB a thread, 4 GB reserved/)
})

test('an ended run says how it ended, and nothing of threads', () => {
  const { head, memory, ...rest } = storyRun()
  const { eta: _, ...over } = head
  const text = formatStatus(
    { ...rest, memory: { ...memory, isKnown: false }, head: { ...over, state: 'ended', outcome: 'failed', exit: 1 } },
    NOW,
  )
  expect(text).toContain('ended: failed (exit 1)')
  expect(text).not.toMatch(/^thread/m)
  expect(text).toContain('memory 12 GB for all threads')
})

test('a disk in trouble is the second thing it says', () => {
  expect(formatStatus(troubledRun(), NOW).split('\n')[1]).toBe(
    'DISK: the disk is full (ENOSPC) for 02:10, nothing starts, 1,204 events kept in memory',
  )
})

test('no line is wider than 120 columns or trails blanks', () => {
  for (const line of [storyRun(), pressedRun()].flatMap((run) => formatStatus(run, NOW).split('\n'))) {
    expect(line.length).toBeLessThanOrEqual(120)
    expect(line).toBe(line.trimEnd())
  }
})

const governorOf = (run: RunSnapshot): string[] =>
  formatStatus(run, NOW)
    .split('\n')
    .filter((line) => line.startsWith('governor: '))

test('the governor: what the threads may use, what is held back, what backs the caps, what it did last', () => {
  expect(governorOf(pressedRun())).toEqual([
    'governor: threads may use 8.9 GB of 12 GB (others use 3.1 GB) now; no new items above 300 MB',
    'governor: acts at 95 % of that at the latest; caps backed by cgroup v2',
    'governor: last at 00:41:00, pause: thread 4: 8.1 GB of 8.9 GB that others leave in sight',
  ])
  const { holdsAbove: _, ...memory } = storyRun().memory
  expect(governorOf({ ...storyRun(), memory: { ...memory, acted: [], act: 0.9 } })).toEqual([
    'governor: threads may use 12 GB now',
    'governor: acts at 90 % of that at the latest; caps backed by polling',
  ])
})
