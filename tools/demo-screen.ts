/**
 * `node tools/demo-screen.ts [RUN [BUILD]]`: the screen over a run in memory whose clocks go on, to look at and to make
 * pictures of. RUN: story, fresh, small, many, ended, pressed, starved, hostile, lost, foreground. BUILD: folder of the compiled program.
 * Options by environment: NO_COLOR, ASCII.
 */
import process from 'node:process'
import { pathToFileURL } from 'node:url'
import type { RunSnapshot } from '../src/model/snapshot.ts'
import type { ScreenExit, ScreenOptions } from '../src/tui/screen.tsx'
import { manyItems, memoryFeed } from '../test/helpers/memory-feed.ts'
import {
  endedRun,
  freshRun,
  hostileRun,
  manyThreads,
  pressedRun,
  smallRun,
  starvedRun,
} from '../test/helpers/snapshots.ts'
import { asOfNow, storyRun } from '../test/helpers/story-run.ts'

process.env['NODE_ENV'] ??= 'production'

const story = storyRun()
const runs: Readonly<Record<string, () => RunSnapshot>> = {
  story: () => story,
  fresh: freshRun,
  small: smallRun,
  many: () => manyThreads(32),
  ended: () => endedRun(),
  pressed: pressedRun,
  starved: starvedRun,
  hostile: hostileRun,
  lost: () => story,
  foreground: () => ({ ...story, head: { ...story.head, isForeground: true } }),
}

const [name = 'story', build = new URL('../dist', import.meta.url).pathname] = process.argv.slice(2)
const snapshot = asOfNow(runs[name]?.() ?? story)
const log = Array.from(
  { length: 60 },
  (_, line) => `step ${line + 1} of 60: compared ${line * 17} files, ${line % 4} differ`,
)
const feed = memoryFeed(snapshot, {
  items: manyItems(426),
  log,
  answer: (command) => ({
    ok: true,
    message: command.verb === 'explainItem' ? 'It runs for the first time.' : `${command.verb}: done`,
  }),
})
if (name === 'lost') setTimeout(() => feed.become('lost'), 500)

const { runScreen } = (await import(pathToFileURL(`${build}/tui/screen.js`).href)) as {
  readonly runScreen: (options: ScreenOptions) => Promise<ScreenExit>
}
const exit = await runScreen({
  feed,
  readOnly: false,
  ascii: process.env['ASCII'] !== undefined,
  color: process.env['NO_COLOR'] === undefined,
})
console.log(`left: ${exit.how}`)
