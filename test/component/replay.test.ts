import { expect, test } from 'vitest'
import { stillPlayer } from '../helpers/memory-feed.ts'
import { openScreen } from '../helpers/screen.ts'
import { crashedRun, endedRun } from '../helpers/snapshots.ts'
import { NOW, storyRun } from '../helpers/story-run.ts'

const SOON = { timeout: 15_000 }

const CTRL_C = '\u0003'

test('p and Space pause a replay, + and > go faster, - and < slower', async () => {
  const player = stillPlayer(NOW)
  const { terminal, feed } = openScreen(storyRun(), { player })
  await terminal.shows('REPLAY 10x')
  terminal.type('p +=>-<')
  await expect
    .poll(() => player.told, SOON)
    .toEqual(['pause', 'pause', 'faster', 'faster', 'faster', 'slower', 'slower'])
  expect(feed.sent).toEqual([])
})

test.each(['P', 'r', 'R', 'x', 'X', 'c'])('%s says that nothing can be changed in a replay', async (key) => {
  const { terminal, feed } = openScreen(storyRun(), { player: stillPlayer(NOW) })
  await terminal.shows('REPLAY 10x')
  terminal.type(key)
  await terminal.shows('this is a replay: nothing can be changed')
  expect(feed.sent).toEqual([])
})

test('clocks show the moment of the replay, notices go by the time of who looks', async () => {
  const { terminal } = openScreen(storyRun(), { player: stillPlayer(NOW) })
  const text = await terminal.shows('00:41:12')
  expect(text).toContain('00:14 / 00:28')
  terminal.type('P')
  await terminal.shows('nothing can be changed')
  await terminal.hides('nothing can be changed')
  await terminal.shows('00:41:12')
})

test.each([
  ['q', storyRun()],
  ['d', storyRun()],
  [CTRL_C, storyRun()],
  ['q', crashedRun()],
])('%j leaves a replay at once', async (key, run) => {
  const { terminal, exit } = openScreen(run, { player: stillPlayer(NOW) })
  await terminal.shows('REPLAY')
  terminal.type(key)
  expect(await exit).toEqual({ how: 'detached' })
  await expect.poll(() => terminal.isClean(), SOON).toBe(true)
})

test('at the end of a replay no countdown closes the screen, and the keys that play say that it is over', async () => {
  const player = stillPlayer(NOW)
  const { terminal, feed } = openScreen(endedRun(), { player })
  feed.become('ended')
  await terminal.shows('REPLAY end')
  expect(terminal.text()).toContain('· FAILED')
  expect(terminal.text()).not.toContain('closes in')
  expect(terminal.text()).not.toContain('p pause')
  terminal.type('p')
  await terminal.shows('the replay is at its end')
  expect(player.told).toEqual([])
})

test('what is left out stands before the keys', async () => {
  const { terminal } = openScreen(storyRun(), { player: stillPlayer(NOW, { note: 'nothing new for 2 h 10 min' }) })
  await terminal.shows(' nothing new for 2 h 10 min  p pause')
})

test('help lists the keys of a replay, and none that would change the run', async () => {
  const { terminal } = openScreen(storyRun(), { player: stillPlayer(NOW), rows: 40 })
  await terminal.shows('REPLAY')
  terminal.type('?')
  const text = await terminal.shows('Help: keys of a replay')
  expect(text).toContain('pause the replay')
  expect(text).not.toMatch(/retry|more, fewer threads|the run goes on/)
})

test('Enter explains the item of a replay', async () => {
  const { terminal } = openScreen(storyRun(), {
    player: stillPlayer(NOW),
    answer: () => ({ ok: true, message: 'It ran for the first time.' }),
  })
  await terminal.shows('REPLAY')
  terminal.type('\r')
  await terminal.shows('It ran for the first time.')
})
