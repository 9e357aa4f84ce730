/** The whole screen on a terminal in memory, over a run in memory. */
import { Console } from 'node:console'
import { onTestFinished } from 'vitest'
import type { RunSnapshot } from '../../src/model/snapshot.ts'
import { runScreen, type ScreenExit, type ScreenOptions } from '../../src/tui/screen.tsx'
import { FakeTerminal } from './fake-terminal.ts'
import { type MemoryFeed, type MemoryFeedOptions, memoryFeed } from './memory-feed.ts'

// The test runner's own console lacks the class that Ink makes its console of.
Object.assign(console, { Console })

export interface OpenScreen {
  readonly terminal: FakeTerminal
  readonly feed: MemoryFeed
  readonly exit: Promise<ScreenExit>
}

export interface ScreenSetup
  extends MemoryFeedOptions,
    Partial<Pick<ScreenOptions, 'readOnly' | 'isBound' | 'ascii' | 'color' | 'openPager'>> {
  readonly columns?: number
  readonly rows?: number
}

/** Opens the screen; a test that leaves it open needs not close it. */
export function openScreen(snapshot: RunSnapshot | undefined, setup: ScreenSetup = {}): OpenScreen {
  const {
    columns = 120,
    rows = 36,
    readOnly = false,
    isBound = false,
    ascii = false,
    color = false,
    openPager,
    ...options
  } = setup
  const terminal = new FakeTerminal(columns, rows)
  const feed = memoryFeed(snapshot, options)
  const exit = runScreen({
    feed,
    readOnly,
    isBound,
    ascii,
    color,
    stdin: terminal.stdin,
    stdout: terminal.stdout,
    ...(openPager === undefined ? {} : { openPager }),
  })
  onTestFinished(async () => {
    // As if the terminal was closed.
    if (terminal.stdout.listenerCount('error') > 0) terminal.stdout.emit('error', new Error('closed'))
    await exit.catch(() => undefined)
  })
  return { terminal, feed, exit }
}
