import { expect, test } from 'vitest'
import { openScreen } from '../helpers/screen.ts'
import { endedRun } from '../helpers/snapshots.ts'
import { asOfNow, storyRun } from '../helpers/story-run.ts'

const SOON = { timeout: 15_000 }

const CTRL_C = '\u0003'

test('d leaves the run alone and the terminal as it was', async () => {
  const { terminal, exit, feed } = openScreen(asOfNow(storyRun()))
  await terminal.shows('RUNNING')
  expect(terminal.isClean()).toBe(false)
  terminal.type('d')
  expect(await exit).toEqual({ how: 'detached' })
  await expect.poll(() => terminal.isClean(), SOON).toBe(true)
  expect(feed.sent).toEqual([])
})

test('q asks first; Esc stays, s stops, and the screen shows the run draining', async () => {
  const story = asOfNow(storyRun())
  const { terminal, exit, feed } = openScreen(story)
  await terminal.shows('RUNNING')
  terminal.type('q')
  await terminal.shows('d detach  s stop  S stop now  Esc stay')
  terminal.type('\u001B')
  await terminal.hides('Esc stay')
  terminal.type('qs')
  await expect.poll(() => feed.sent, SOON).toEqual([{ verb: 'stopRun', isNow: false }])
  feed.show({ ...story, head: { ...story.head, state: 'draining' } })
  await terminal.shows('DRAINING')
  terminal.type('q')
  expect(await exit).toEqual({ how: 'stopping' })
})

test('Ctrl-C asks, and again leaves', async () => {
  const { terminal, exit, feed } = openScreen(asOfNow(storyRun()))
  await terminal.shows('RUNNING')
  terminal.type(CTRL_C)
  await terminal.shows('Ctrl-C again: leave, the run goes on')
  terminal.type(CTRL_C)
  expect(await exit).toEqual({ how: 'detached' })
  expect(feed.sent).toEqual([])
})

test('a run in the foreground cannot be left, only stopped', async () => {
  const { terminal, feed } = openScreen(asOfNow(storyRun()), { isBound: true })
  await terminal.shows('RUNNING')
  terminal.type('d')
  await terminal.shows('The run ends with this command: stop it?')
  terminal.type('d')
  terminal.type(CTRL_C)
  await expect.poll(() => feed.sent, SOON).toEqual([{ verb: 'stopRun', isNow: false }])
})

test('a run in the foreground of another command is left as any other', async () => {
  const story = asOfNow(storyRun())
  const { terminal, exit, feed } = openScreen({ ...story, head: { ...story.head, isForeground: true } })
  await terminal.shows('RUNNING')
  terminal.type('d')
  expect(await exit).toEqual({ how: 'detached' })
  expect(feed.sent).toEqual([])
})

test('the end of the run is counted down, and any key keeps the screen', async () => {
  const { terminal, exit, feed } = openScreen(asOfNow(storyRun()))
  await terminal.shows('RUNNING')
  feed.show(asOfNow(endedRun()))
  await terminal.shows('· FAILED')
  await terminal.shows('closes in')
  terminal.type('j')
  await terminal.hides('closes in')
  terminal.type('q')
  expect(await exit).toEqual({ how: 'ended' })
})

test('a screen nobody touches leaves by itself when the run is over', async () => {
  const { terminal, exit } = openScreen(asOfNow(endedRun('succeeded')))
  await terminal.shows('SUCCEEDED')
  expect(await exit).toEqual({ how: 'ended' })
  await expect.poll(() => terminal.isClean(), SOON).toBe(true)
})

test('when the supervisor is gone the last picture stays until q', async () => {
  const { terminal, exit, feed } = openScreen(asOfNow(storyRun()))
  await terminal.shows('RUNNING')
  feed.become('lost')
  await terminal.shows('· LOST')
  await terminal.shows('US-147')
  terminal.type('q')
  expect(await exit).toEqual({ how: 'lost' })
})

test('before the first picture the screen can be left', async () => {
  const { terminal, exit } = openScreen(undefined)
  await terminal.shows('batchtop connects')
  terminal.type('q')
  expect(await exit).toEqual({ how: 'detached' })
})

test('a bug in a panel restores the terminal and comes out', async () => {
  const story = asOfNow(storyRun())
  const broken = { ...story, threads: undefined as unknown as typeof story.threads }
  const { terminal, exit, feed } = openScreen(story)
  await terminal.shows('RUNNING')
  feed.show(broken)
  await expect(exit).rejects.toThrow(/undefined/)
  await expect.poll(() => terminal.isClean(), SOON).toBe(true)
})

test('a bug behind a key restores the terminal and comes out', async () => {
  const { terminal, exit } = openScreen(asOfNow(storyRun()), {
    openPager: () => Promise.reject(new Error('broken on purpose')),
  })
  await terminal.shows('RUNNING')
  terminal.type('v')
  await expect(exit).rejects.toThrow('broken on purpose')
  await expect.poll(() => terminal.isClean(), SOON).toBe(true)
})

test('the picture is right after the terminal changed its size many times', async () => {
  const { terminal } = openScreen(asOfNow(storyRun()))
  await terminal.shows('RUNNING')
  for (const [columns, rows] of [
    [80, 24],
    [200, 60],
    [60, 16],
    [50, 10],
    [150, 40],
    [80, 24],
  ] as const) {
    terminal.resize(columns, rows)
  }
  await terminal.shows('stories-6x2gb · 7f3a · RUNNING')
  await terminal.hides('Timeline')
  await expect.poll(() => terminal.text().split('\n').at(-1), SOON).toContain('q quit')
  terminal.type('\u000C')
  await terminal.shows('US-147')
})
