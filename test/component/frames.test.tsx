import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { render } from 'ink-testing-library'
import type { ReactElement } from 'react'
import { expect, test } from 'vitest'
import type { RunSnapshot } from '../../src/model/snapshot.ts'
import { createController } from '../../src/tui/controller.ts'
import { Root } from '../../src/tui/Root.tsx'
import type { ScreenState } from '../../src/tui/state.ts'
import { createStore } from '../../src/tui/store.ts'
import { cellWidth } from '../../src/view/fit.ts'
import type { Looks } from '../../src/view/row.ts'
import { manyItems, memoryFeed, stillPlayer } from '../helpers/memory-feed.ts'
import {
  crashedRun,
  endedRun,
  freshRun,
  hostileRun,
  manyThreads,
  pressedRun,
  smallRun,
  starvedRun,
  troubledRun,
} from '../helpers/snapshots.ts'
import { NOW, storyRun } from '../helpers/story-run.ts'

const PLAIN: Looks = { ascii: false, color: false }
// oxlint-disable-next-line no-control-regex
const plain = (text: string): string => text.replaceAll(/\u001B\[[\d;]*m/g, '')
const fail = (error: unknown): never => {
  throw error
}
const nothing = (): void => undefined

interface FrameOptions {
  readonly columns: number
  readonly rows: number
  readonly looks?: Looks
  readonly state?: Partial<ScreenState>
  readonly replay?: Replay | undefined
}

/** How a replay stands. */
interface Replay {
  readonly speed?: number
  readonly isPaused?: boolean
  readonly isOver?: boolean
  readonly note?: string
}

/** One picture of a run, as Ink draws it. */
function frameOf(snapshot: RunSnapshot, { columns, rows, looks = PLAIN, state = {}, replay }: FrameOptions): string {
  const feed = memoryFeed(snapshot, replay ? { player: stillPlayer(NOW, replay) } : {})
  if (replay?.isOver === true) feed.become('ended')
  const size = { columns, rows, looks, readOnly: false, isBound: false }
  const store = createStore({ feed, now: () => NOW, canDraw: () => true, fail, ...size })
  const controller = createController(store, feed, {
    exit: nothing,
    repaint: nothing,
    suspend: nothing,
    openPager: undefined,
  })
  store.refresh()
  store.update(state)
  const tree = (): ReactElement => <Root store={store} controller={controller} attach={nothing} />
  const screen = render(tree())
  Object.defineProperty(screen.stdout, 'columns', { value: columns })
  Object.defineProperty(screen.stdout, 'rows', { value: rows })
  screen.rerender(tree())
  const frame = screen.lastFrame() ?? ''
  screen.unmount()
  screen.cleanup()
  return frame
}

const sizes = [
  [60, 16],
  [80, 24],
  [120, 36],
  [200, 60],
] as const

test.each(sizes)('the story at %ix%i looks as agreed', async (columns, rows) => {
  await expect(plain(frameOf(storyRun(), { columns, rows }))).toMatchFileSnapshot(`frames/story-${columns}x${rows}.txt`)
})

test.each(sizes)('the story at %ix%i needs no more than ASCII', async (columns, rows) => {
  const frame = plain(frameOf(storyRun(), { columns, rows, looks: { ascii: true, color: false } }))
  expect(frame).toMatch(/^[\n -~]*$/)
  await expect(frame).toMatchFileSnapshot(`frames/story-${columns}x${rows}-ascii.txt`)
})

test.each(sizes)('a disk in trouble at %ix%i looks as agreed', async (columns, rows) => {
  const frame = plain(frameOf(troubledRun(), { columns, rows }))
  expect(frame).toContain('RUNNING')
  expect(frame).toContain('nothing starts')
  await expect(frame).toMatchFileSnapshot(`frames/trouble-${columns}x${rows}.txt`)
  expect(plain(frameOf(troubledRun(), { columns, rows, looks: { ascii: true, color: false } }))).toMatch(/^[\n -~]*$/)
})

test.each(sizes)('the end of a replay of a crashed run at %ix%i looks as agreed', async (columns, rows) => {
  const frame = plain(frameOf(crashedRun(), { columns, rows, replay: { isOver: true } }))
  expect(frame).toContain('INTERRUPTED')
  expect(frame).toContain('REPLAY end')
  await expect(frame).toMatchFileSnapshot(`frames/crashed-${columns}x${rows}.txt`)
})

test.each(sizes)('a replay at %ix%i says so beside the state of its moment, and how fast it goes', (columns, rows) => {
  const at = (replay: Replay): string => plain(frameOf(storyRun(), { columns, rows, replay }))
  expect(at({})).toMatch(/REPLAY 10x[^]*p pause {2}\+ - speed[^]*q quit/)
  expect(at({ speed: 0.5 })).toContain('REPLAY 0.5x')
  expect(at({ speed: 10_000 })).toContain('REPLAY 10000x')
  // The speed is seen where it is changed while nothing moves.
  expect(at({ isPaused: true })).toMatch(/REPLAY paused \d+x[^]*p go on/)
  expect(at({})).toContain('RUNNING')
  expect(at({}).split('\n').at(-1)).not.toMatch(/retry|end|detach|threads|checkpoint/)
  expect(at({ note: 'nothing new for 2 h 10 min' })).toMatch(/nothing new for 2 h 10 min {2}p pause.*q quit/)
})

test('without colours nothing is lost: the state is a word, the bar is drawn', () => {
  const frame = frameOf(storyRun(), { columns: 120, rows: 36 })
  expect(plain(frame).length).toBeLessThan(frame.length)
  for (const code of [30, 31, 32, 33, 36, 42, 43, 44]) expect(frame).not.toContain(`\u001B[${code}m`)
  expect(frame).toContain('PAUSED')
  expect(frame).toContain('[#####-----]')
})

test('with colours bars are blanks with a background', () => {
  const frame = frameOf(storyRun(), { columns: 80, rows: 24, looks: { ascii: false, color: true } })
  expect(frame).toContain('\u001B[42m')
  expect(frame).not.toContain('#####')
})

test('a terminal below 60x16 is told what is needed', () => {
  expect(frameOf(storyRun(), { columns: 59, rows: 16 })).toContain('batchtop needs 60x16, this is 59x16')
  expect(frameOf(storyRun(), { columns: 60, rows: 15 })).toContain('batchtop needs 60x16')
})

test.each(sizes)('a run that others leave too little memory at %ix%i looks as agreed', async (columns, rows) => {
  const frame = plain(frameOf(pressedRun(), { columns, rows }))
  expect(frame).toContain('others use 3.1 GB')
  await expect(frame).toMatchFileSnapshot(`frames/pressed-${columns}x${rows}.txt`)
})

test('the panel that docs/memory.md explains is the one that is drawn', () => {
  const page = readFileSync(new URL('../../docs/memory.md', import.meta.url), 'utf8')
  const shown = /^```text\n(.*?)^```$/ms.exec(page)?.[1] ?? 'nothing'
  const frame = plain(frameOf(pressedRun(), { columns: 120, rows: 36 })).replaceAll(/ +$/gm, '')
  expect(frame).toContain(shown.trimEnd())
})

test.each(sizes)('all about memory at %ix%i looks as agreed', async (columns, rows) => {
  const frame = plain(frameOf(pressedRun(), { columns, rows, state: { view: 'memory', thread: 4 } }))
  expect(frame).toContain('kernel (cgroup v2) + governor')
  await expect(frame).toMatchFileSnapshot(`frames/memory-${columns}x${rows}.txt`)
})

const runs: Readonly<Record<string, RunSnapshot>> = {
  story: storyRun(),
  fresh: freshRun(),
  small: smallRun(),
  many: manyThreads(32),
  ended: endedRun(),
  hostile: hostileRun(),
  trouble: troubledRun('nothing can be written into this folder any more: '.repeat(5)),
  crashed: crashedRun(),
  pressed: pressedRun(),
  starved: starvedRun(),
}
const rows = manyItems(20)
const states: readonly Partial<ScreenState>[] = [
  {},
  { view: 'batches', batch: 3 },
  {
    view: 'items',
    items: { text: 'x', filter: 'failed', sort: 'tries', selected: 3, rows, from: 0, total: 20, isLoading: false },
  },
  { view: 'timeline', thread: 4 },
  { view: 'memory' },
  { view: 'events', eventsFrom: 2 },
  { overlay: { kind: 'help', from: 0 } },
  { overlay: { kind: 'thread', thread: 2, item: undefined, why: 'It runs for the first time.' } },
  { overlay: { kind: 'batch', batch: 12 } },
  { isZoomed: true, focus: 'batches' },
  { prompt: { kind: 'leave', by: 'ctrl-c' } },
  { prompt: { kind: 'search', text: 'a very long text to be searched for '.repeat(9) } },
  { status: 'lost' },
]

const replays: readonly (Replay | undefined)[] = [
  undefined,
  { speed: 0.5 },
  { isOver: true, note: 'nothing new '.repeat(20) },
  { isPaused: true },
]

test('no picture of any run in any view is larger than the terminal', () => {
  const looks = fc.constantFrom<Looks>(PLAIN, { ascii: true, color: true }, { ascii: false, color: true })
  const picture = fc.record({
    run: fc.constantFrom(...Object.keys(runs)),
    state: fc.constantFrom(...states),
    replay: fc.constantFrom(...replays),
    columns: fc.integer({ min: 60, max: 220 }),
    rows: fc.integer({ min: 16, max: 64 }),
    looks,
  })
  fc.assert(
    fc.property(picture, ({ run, ...size }) => {
      const lines = frameOf(runs[run] ?? storyRun(), size).split('\n')
      expect(lines.length).toBeLessThanOrEqual(size.rows)
      for (const line of lines) expect(cellWidth(plain(line))).toBeLessThanOrEqual(size.columns)
      expect(plain(lines.join('\n'))).not.toMatch(/NaN|undefined|Infinity|null/)
    }),
    { numRuns: 80 },
  )
}, 120_000)

test('more threads than rows say which of them are seen, and the selected one is', () => {
  const frame = plain(frameOf(manyThreads(32), { columns: 80, rows: 24, state: { thread: 20 } }))
  expect(frame).toMatch(/─ \d+-\d+ of 32 ─/)
  expect(frame).toContain('▸ 20 running')
})
