import { expect, test } from 'vitest'
import { itemIndex } from '../../src/model/ids.ts'
import { manyItems } from '../helpers/memory-feed.ts'
import { openScreen } from '../helpers/screen.ts'
import { manyThreads } from '../helpers/snapshots.ts'
import { asOfNow, storyRun } from '../helpers/story-run.ts'

const SOON = { timeout: 15_000 }

const UP = '\u001B[A'
const DOWN = '\u001B[B'
const ENTER = '\r'
const ESCAPE = '\u001B'

test('keys typed in a bunch are taken one by one', async () => {
  const { terminal } = openScreen(asOfNow(storyRun()))
  await terminal.shows('▸ 1 running')
  terminal.type('jjj')
  await terminal.shows('▸ 4 running')
  terminal.type(`${UP}k${DOWN}G`)
  await terminal.shows('▸ 6 waiting')
})

test('p pauses the selected thread and resumes it when it is paused', async () => {
  const { terminal, feed } = openScreen(asOfNow(storyRun()))
  await terminal.shows('▸ 1 running')
  terminal.type('p')
  await expect.poll(() => feed.sent, SOON).toEqual([{ verb: 'pauseThreads', threads: [1], drain: false }])
  await terminal.shows(' done')
  terminal.type('jjp')
  await expect.poll(() => feed.sent[1], SOON).toEqual({ verb: 'resumeThreads', threads: [3] })
})

test('P pauses everything, and resumes everything when all is paused', async () => {
  const story = asOfNow(storyRun())
  const { terminal, feed } = openScreen(story)
  await terminal.shows('RUNNING')
  terminal.type('P')
  await expect.poll(() => feed.sent, SOON).toEqual([{ verb: 'pauseThreads', drain: false }])
  feed.show({ ...story, head: { ...story.head, state: 'paused' } })
  await terminal.shows('· PAUSED')
  terminal.type('P')
  await expect.poll(() => feed.sent[1], SOON).toEqual({ verb: 'resumeThreads' })
})

test('+ and - ask for one thread more or fewer', async () => {
  const { terminal, feed } = openScreen(asOfNow(storyRun()))
  await terminal.shows('RUNNING')
  terminal.type('+-')
  await expect
    .poll(() => feed.sent, SOON)
    .toEqual([
      { verb: 'setThreads', by: 1 },
      { verb: 'setThreads', by: -1 },
    ])
})

test('x asks, naming item and attempt, and sends both', async () => {
  const { terminal, feed } = openScreen(asOfNow(storyRun()))
  await terminal.shows('RUNNING')
  terminal.type('jx')
  await terminal.shows('End US-162, attempt 1?')
  terminal.type('n')
  await terminal.hides('attempt 1?')
  terminal.type('X')
  await terminal.shows('End US-162, attempt 1, now and by force?')
  terminal.type('y')
  await expect.poll(() => feed.sent, SOON).toEqual([{ verb: 'endItem', item: 161, attempt: 1, isNow: true }])
})

test('an item that does not run cannot be ended', async () => {
  const { terminal, feed } = openScreen(asOfNow(storyRun()))
  await terminal.shows('RUNNING')
  terminal.type('4j')
  terminal.type('1jjjx')
  await terminal.shows('US-252 is not running')
  expect(feed.sent).toEqual([])
})

test('r retries the item of the thread, R all failed ones', async () => {
  const { terminal, feed } = openScreen(asOfNow(storyRun()))
  await terminal.shows('RUNNING')
  terminal.type('jjjjrR')
  await expect
    .poll(() => feed.sent, SOON)
    .toEqual([
      { verb: 'retryItems', items: [251] },
      { verb: 'retryItems', items: 'failed' },
    ])
})

test('c asks for a checkpoint and shows what came of it', async () => {
  const { terminal, feed } = openScreen(asOfNow(storyRun()), {
    answer: () => ({ ok: true, message: 'Checkpoint: 36 kB in 3 ms.' }),
  })
  await terminal.shows('RUNNING')
  terminal.type('c')
  await terminal.shows('Checkpoint: 36 kB in 3 ms.')
  expect(feed.sent).toEqual([{ verb: 'takeCheckpoint' }])
})

test('a refusal is shown with its hint', async () => {
  const { terminal } = openScreen(asOfNow(storyRun()), {
    answer: () => ({ ok: false, code: 'threads', message: 'At most 512 threads.', hint: 'ask for fewer', exit: 2 }),
  })
  await terminal.shows('RUNNING')
  terminal.type('+')
  await terminal.shows('At most 512 threads. (ask for fewer)')
})

test('a read-only screen changes nothing', async () => {
  const { terminal, feed } = openScreen(asOfNow(storyRun()), { readOnly: true })
  await terminal.shows('RUNNING')
  terminal.type('p')
  await terminal.shows('this screen is read-only')
  expect(feed.sent).toEqual([])
  terminal.type('q')
  await terminal.shows('Leave? Detached, the run goes on  d detach  Esc stay')
  terminal.type(ESCAPE)
  await terminal.shows(' l log  Enter details  1-7 views  z zoom')
})

test('C asks threads for memory, says so at once and shows what they gave', async () => {
  const asked = Promise.withResolvers<void>()
  const { terminal, feed } = openScreen(asOfNow(storyRun()), {
    answer: () => asked.promise.then(() => ({ ok: true, message: 'Threads gave back 1.2 GB: 9.9 → 8.7 GB.' })),
  })
  await terminal.shows('RUNNING')
  terminal.type('C')
  await terminal.shows('threads give memory back')
  expect(feed.sent).toEqual([{ verb: 'reclaimMemory' }])
  asked.resolve()
  await terminal.shows('Threads gave back 1.2 GB: 9.9 → 8.7 GB.')
})

test('what comes in a later version says so', async () => {
  const { terminal } = openScreen(asOfNow(storyRun()))
  await terminal.shows('RUNNING')
  terminal.type('7')
  await terminal.shows('gates come in a later version')
})

test('l shows the end of the log of the item, Esc closes it', async () => {
  const { terminal } = openScreen(asOfNow(storyRun()), { log: ['first line', 'last line'] })
  await terminal.shows('RUNNING')
  terminal.type('l')
  await terminal.shows('Log of US-147')
  await terminal.shows('last line')
  terminal.type(ESCAPE)
  await terminal.shows('─▸Threads')
})

test('v gives the terminal to the pager and takes it back', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const opened: number[] = []
  const openPager = async (item: number) => {
    opened.push(item)
    await promise
  }
  const { terminal } = openScreen(asOfNow(storyRun()), { openPager })
  await terminal.shows('RUNNING')
  terminal.type('v')
  await expect.poll(() => opened, SOON).toEqual([146])
  expect(terminal.isClean()).toBe(true)
  resolve()
  await terminal.shows('RUNNING')
  terminal.type('j')
  await terminal.shows('▸ 2 running')
})

test('Enter shows everything about the thread, with the answer to why', async () => {
  const { terminal, feed } = openScreen(asOfNow(storyRun()), {
    answer: () => ({ ok: true, message: 'It runs for the first time.' }),
  })
  await terminal.shows('RUNNING')
  terminal.type(ENTER)
  await terminal.shows('Thread 1')
  await terminal.shows('It runs for the first time.')
  expect(feed.sent).toEqual([{ verb: 'explainItem', item: 146 }])
})

test('details of a thread tell of the item it has now, with no answer meant for the one before', async () => {
  const run = asOfNow(storyRun())
  const { terminal, feed } = openScreen(run, { answer: () => ({ ok: true, message: 'It runs for the first time.' }) })
  await terminal.shows('RUNNING')
  terminal.type(ENTER)
  await terminal.shows('It runs for the first time.')
  const threads = run.threads.map((thread) =>
    thread.thread === 1 && thread.item
      ? { ...thread, item: { ...thread.item, index: itemIndex(147), name: 'US-148' } }
      : thread,
  )
  feed.show({ ...run, threads })
  await terminal.shows('US-148 (@148)')
  expect(terminal.text()).not.toContain('It runs for the first time.')
  terminal.type('x')
  await terminal.shows('End US-148, attempt 1')
})

test('numbers choose views, Tab the panel, z the room it has', async () => {
  const { terminal } = openScreen(asOfNow(storyRun()))
  await terminal.shows('─▸Threads')
  terminal.type('2')
  await terminal.shows('─▸Batches')
  await terminal.hides('Events')
  terminal.type('1\t')
  await terminal.shows('─▸Memory')
  terminal.type('z')
  await terminal.hides('Timeline')
  terminal.type('q')
  await terminal.shows('Timeline')
})

test('the items view pages, filters, searches and sorts', async () => {
  const { terminal } = openScreen(asOfNow(storyRun()), { items: manyItems(426) })
  await terminal.shows('RUNNING')
  terminal.type('3')
  await terminal.shows('of 426')
  terminal.type('G')
  await terminal.shows('US-426')
  terminal.type('f')
  await terminal.shows('Items  failed')
  terminal.type('/US-12\u007F2')
  await terminal.shows('items with: US-12')
  terminal.type(ENTER)
  await terminal.shows('with "US-12"')
  terminal.type('s')
  await terminal.shows('slowest first')
  terminal.type(ESCAPE)
  await terminal.hides('with "US-12"')
})

test('a list that nothing is on says so', async () => {
  const { terminal } = openScreen(asOfNow(storyRun()), { items: manyItems(20) })
  await terminal.shows('RUNNING')
  terminal.type('3')
  await terminal.shows('US-001')
  terminal.type('/no such name')
  terminal.type(ENTER)
  await terminal.shows('no items here')
})

test('the selection follows the item when the list changes under it', async () => {
  const items = [...manyItems(30)]
  const { terminal, feed } = openScreen(asOfNow(storyRun()), { items })
  await terminal.shows('RUNNING')
  terminal.type('3f')
  await terminal.shows('Items  failed')
  terminal.type('j')
  await terminal.shows('▸  @12 US-012')
  items.splice(4, 1)
  feed.show(asOfNow(storyRun()))
  await terminal.hides('US-005')
  expect(terminal.text()).toContain('▸  @12 US-012')
})

test('the selected thread stays selected when others come, and the nearest is taken when it goes', async () => {
  const { terminal, feed } = openScreen(asOfNow(manyThreads(8)))
  await terminal.shows('▸ 1 running')
  terminal.type('G')
  await terminal.shows('▸ 8 running')
  feed.show(asOfNow(manyThreads(12)))
  await terminal.shows('▸  8 running')
  feed.show(asOfNow(manyThreads(5)))
  await terminal.shows('▸ 5 running')
})

test('pasted text is never taken as keys', async () => {
  const { terminal, feed } = openScreen(asOfNow(storyRun()))
  await terminal.shows('RUNNING')
  terminal.type('\u001B[200~pPxyq\u001B[201~')
  await terminal.shows('pasted text is not taken as keys')
  expect(feed.sent).toEqual([])
})

test('? and F1 show every key', async () => {
  const { terminal } = openScreen(asOfNow(storyRun()), { rows: 40 })
  await terminal.shows('RUNNING')
  terminal.type('?')
  await terminal.shows('suspend this screen; the run goes on')
  terminal.type('?')
  await terminal.shows('─▸Threads')
  terminal.type('\u001BOP')
  await terminal.shows('pause or resume all threads')
})
