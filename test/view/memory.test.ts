import { expect, test } from 'vitest'
import type { MemoryView, RunSnapshot, ThreadView } from '../../src/model/snapshot.ts'
import { bytes } from '../../src/model/units.ts'
import { cellWidth } from '../../src/view/fit.ts'
import { memoryRows } from '../../src/view/memory.ts'
import type { Area, Row } from '../../src/view/row.ts'
import { freshRun, manyThreads, pressedRun, smallRun } from '../helpers/snapshots.ts'
import { acted, GB, NOW, storyRun } from '../helpers/story-run.ts'

const area = (columns: number, rows: number): Area => ({
  columns,
  rows,
  looks: { ascii: false, color: false },
  isFocused: false,
})
const linesOf = (rows: readonly Row[]): string[] => rows.map((row) => row.map((part) => part.text).join(''))
const story = storyRun()

const panel = (snapshot: RunSnapshot, columns: number, rows: number): string[] =>
  linesOf(memoryRows({ snapshot, area: area(columns, rows), selected: 1 }))

const withMemory = (change: Partial<MemoryView>, of = story): RunSnapshot => ({
  ...of,
  memory: { ...of.memory, ...change },
})

test('before the first look no amount of memory is shown', () => {
  expect(panel(freshRun(), 80, 3)[1]).toBe(' not measured yet')
})

test('memory is short when the budget is nearly used or the reserve is touched', () => {
  const rows = panel(story, 120, 5).join('\n')
  expect(rows).toMatch(/budget .* 9\.9\/12 GB +82 % {3}/)
  expect(rows).toMatch(/system .* 12\.6\/16 GB +78 % !!/)
  expect(rows).toContain('3.4 of 4 GB free')
})

test('the bar of the budget has a mark where the governor acts at the latest, the bar of the system where the reserve begins', () => {
  const marksOf = (snapshot: RunSnapshot) =>
    panel(snapshot, 80, 3)
      .slice(1)
      .map((line) => (line.indexOf('│') - line.indexOf('[') - 1) / (line.indexOf(']') - line.indexOf('[') - 1))
  expect(marksOf(story)[0]).toBeCloseTo(0.95, 1)
  expect(marksOf(story)[1]).toBeCloseTo(0.75, 1)
  expect(marksOf(withMemory({ act: 0.6 }))[0]).toBeCloseTo(0.6, 1)
  expect(panel(withMemory({ act: 0.6 }), 120, 5).join('\n')).toMatch(/9\.9\/12 GB +82 % !![^]*act at 60 % │/)
})

test.each([
  [200, 5],
  [120, 5],
  [100, 3],
  [80, 3],
  [60, 3],
])('while others need the memory the budget is what they leave, and the panel of %ix%i says so', (columns, rows) => {
  const lines = panel(pressedRun(), columns, rows)
  expect(lines[1]).toMatch(/ 7\.9\/8\.9 GB +88 % /)
  expect(lines.join('\n')).toContain('others use 3.1 GB')
})

test.each([
  [200, 5],
  [100, 5],
  [80, 3],
])(
  'on a machine with more than the plan counts on, others use more than they take of the budget (%ix%i)',
  (columns, rows) => {
    const pressed = pressedRun()
    const system = { total: bytes(24 * GB), available: bytes(5 * GB) }
    const lines = panel({ ...pressed, memory: { ...pressed.memory, system } }, columns, rows)
    expect(lines.join('\n')).toContain('others use 11.1 GB')
  },
)

test('a budget that is nearly whole counts as whole: the figures stand still', () => {
  for (const share of [1, 0.99, 0.981]) {
    const rows = panel(withMemory({ budgetNow: bytes(12 * GB * share) }), 120, 5).join('\n')
    expect(rows).toContain('9.9/12 GB')
    expect(rows).not.toContain('others')
  }
})

test('beside the bars stands what the governor did, newest first and in the time of the run', () => {
  const [title = '', ...rows] = panel(story, 120, 5).map((line) => line.slice(58))
  expect(title).toMatch(/^─ Governor ─+ no new items above 300 MB ─$/)
  expect(rows.map((row) => row.trimEnd())).toEqual([
    ' 00:40:55  reclaim    thread 2: 1.9 → 1.2 GB in 0.8 s',
    ' 00:40:38  hold       10.3 GB of 12 GB in sight',
    ' 00:37:12  checkpoint 9.8 → 9.8 GB in 3 ms',
    ' 00:36:43  resume     thread 4: 9.2 GB of 12 GB in use',
  ])
})

test('where there is room, actions say why', () => {
  expect(panel(story, 200, 5)[1]).toContain('thread 2: 1.9 → 1.2 GB in 0.8 s (10.4 GB of 12 GB in sight)')
})

test.each([
  [99, '─ no new items above 300 MB · 00:40:55 reclaim thread 2: 1.9 → 1.2 GB in 0.8 s ─'],
  [80, '─ no new items above 300 MB · reclaim thread 2: 1.9 → 1.2 GB ─'],
  [60, '─ no new items above 300 MB ─'],
])('in %i columns the title says what is held back, and the newest action where that fits', (columns, end) => {
  const [title = ''] = panel(story, columns, 3)
  expect(title.endsWith(end)).toBe(true)
})

test('in few columns the newest action stands there alone while nothing is held back', () => {
  const { holdsAbove: _, ...memory } = story.memory
  expect(panel({ ...story, memory }, 60, 3)[0]).toMatch(/─ reclaim thread 2: 1\.9 → 1\.2 GB in 0\.8 s ─$/)
})

test('a governor that had nothing to do says so', () => {
  expect(panel(smallRun(), 120, 5)[1]).toMatch(/ nothing to do so far$/)
  expect(panel(smallRun(), 80, 3)[0]).toMatch(/^─ Memory ─+$/)
})

test('nothing but the smallest items, or nothing at all, is said as it is', () => {
  expect(panel(withMemory({ holdsAbove: bytes(0) }), 120, 5)[0]).toContain(' no new items ─')
})

test('nothing moves when amounts change', () => {
  const wide = acted(500, NOW, { stage: 'kill', thread: 12, gb: [1.9, 0.05], ms: 61_000, why: 'x' })
  const other = withMemory({ used: bytes(0.4 * GB), acted: [...story.memory.acted, wide] })
  for (const [columns, rows] of [
    [200, 5],
    [120, 5],
    [100, 3],
    [80, 3],
    [60, 3],
  ] as const) {
    const places = (snapshot: RunSnapshot) => {
      const [, first = ''] = panel(snapshot, columns, rows)
      return ['│', ']', '/12 GB', ' %', '00:4'].map((mark) => first.indexOf(mark)).filter((at) => at >= 0)
    }
    expect(places(other)).toEqual(places(story))
  }
})

test.each([
  [200, 50],
  [120, 32],
  [80, 20],
  [60, 13],
])('all about memory in %ix%i: caps and what backs them, parts of every thread, and what was done', (columns, rows) => {
  const lines = panel(pressedRun(), columns, rows)
  const all = lines.join('\n')
  expect(all).toMatch(/ caps {4}kernel \(cgroup v2\) \+ governor {3}2 GB a thread/)
  expect(all).toMatch(/expected +heap +buffers/)
  expect(all).toMatch(/ ▸ 1 .* 1\.7 GB {2}85 % +1\.6 GB +1\.0 GB +0\.5 GB/)
  expect(all).toMatch(/─ Governor ─+ no new items above 300 MB ─/)
  expect(all).toMatch(/00:41:00 {2}pause {6}thread 4: 8\.1 GB of 8\.9 GB/)
  for (const line of lines) expect(cellWidth(line)).toBeLessThanOrEqual(columns)
})

test('where there is room, what is neither heap nor buffers has a column, and so has the pressure', () => {
  const all = panel(pressedRun(), 120, 32).join('\n')
  expect(all).toContain('pressure 2.4 %')
  expect(all).toMatch(/expected +heap +buffers +rest/)
  expect(all).toMatch(/ ▸ 1 .* 1\.6 GB +1\.0 GB +0\.5 GB +0\.2 GB/)
})

test('what a worker said before its memory fell is never more than what there is', () => {
  const [first, ...others] = story.threads as readonly [ThreadView, ...ThreadView[]]
  const fell = { ...first, used: bytes(0.5 * GB), heap: bytes(1.2 * GB), external: bytes(0.4 * GB) }
  const all = panel({ ...story, threads: [fell, ...others] }, 120, 32).join('\n')
  expect(all).toMatch(/ ▸ 1 .* 0\.5 GB {2}25 % +1\.6 GB +0\.5 GB +0\.0 GB +0\.0 GB/)
})

test('what is not known is no figure', () => {
  const { system, ...memory } = story.memory
  const threads = story.threads.map((one) => {
    const { heap: _, external: __, expected: ___, ...rest } = one
    return rest
  })
  const all = panel({ ...story, threads, memory: { ...memory, system } }, 120, 32).join('\n')
  expect(all).not.toContain('pressure')
  expect(all).toMatch(/ ▸ 1 .* 1\.7 GB {2}85 % +- +- +- +-/)
  expect(all).toContain(' caps    governor ')
})

test('a long list of threads leaves room for what the governor did', () => {
  const snapshot = manyThreads(64)
  for (const [columns, rows] of [
    [200, 50],
    [80, 20],
    [60, 13],
  ] as const) {
    const all = panel(snapshot, columns, rows).join('\n')
    expect(all).toMatch(/─ 1-\d+ of 64 ─/)
    expect(all).toMatch(/00:40:55 {2}reclaim[^]*00:40:38 {2}hold/)
  }
})
