/**
 * The full screen of a run. May import model (types), view, ink, react. Called by cli, which loads it only when somebody
 * looks: Ink takes the better part of a second to load. It never touches the run but through the feed.
 */
import process from 'node:process'
import { type Instance, render } from 'ink'
import type { Feed } from '../model/feed.ts'
import { wallTime } from '../model/units.ts'
import { createController } from './controller.ts'
import { createHost } from './host.ts'
import type { ScreenExit } from './leaving.ts'
import { startLoading } from './loading.ts'
import { Root } from './Root.tsx'
import { BEGIN, EMPTY, followSize } from './resizing.ts'
import { createStore } from './store.ts'
import { guardTerminal } from './terminal.ts'

export type { ScreenExit } from './leaving.ts'

export interface ScreenOptions {
  readonly feed: Feed
  /** True: keys that change the run are refused. */
  readonly readOnly: boolean
  /** True: the run belongs to this command and ends with it. Another's run, in the foreground or not, is only left. */
  readonly isBound?: boolean
  /** Only characters every terminal has. */
  readonly ascii: boolean
  readonly color: boolean
  readonly stdin?: NodeJS.ReadStream
  readonly stdout?: NodeJS.WriteStream
  /** Shows an item's whole log on the terminal, which is free meanwhile; resolves when the person is back. */
  readonly openPager?: (item: number) => Promise<void>
  /** Aborted because of a bug elsewhere in this process: takes the screen down, then rejects with the reason. */
  readonly failure?: AbortSignal
}

/**
 * Shows the run until the person leaves or it is over; then the terminal is as it was before.
 * @returns how it was left; rejects with what was thrown inside, with the terminal restored
 */
export async function runScreen(options: ScreenOptions): Promise<ScreenExit> {
  const { feed, readOnly, isBound = false, ascii, color, openPager } = options
  const { stdin = process.stdin, stdout = process.stdout } = options
  const screen = createHost(stdin, openPager)
  const store = createStore({
    feed,
    readOnly,
    isBound,
    looks: { ascii, color },
    columns: stdout.columns,
    rows: stdout.rows,
    now: () => wallTime(Date.now()),
    canDraw: () => stdout.writableLength === 0,
    fail: screen.fail,
  })
  const controller = createController(store, feed, screen.host)
  let instance: Instance | undefined
  // Before Ink's own listener: the first picture of a new size is already laid out for it, and drawn whole, since what
  // was drawn for another size may stand anywhere.
  const unfollow = followSize(stdout, () => {
    if (instance !== undefined && !screen.isAway()) {
      stdout.write(BEGIN)
      instance.clear()
      stdout.write(EMPTY)
    }
    store.update({ columns: stdout.columns, rows: stdout.rows })
  })
  const release = guardTerminal({
    stdout,
    leave: controller.leaving.signalled,
    repaint: screen.host.repaint,
    suspend: screen.host.suspend,
  })
  const { failure } = options
  const failed = (): void => screen.fail(failure?.reason)
  failure?.addEventListener('abort', failed)
  const stops = [store.start(), startLoading(store, feed)]
  try {
    instance = render(<Root store={store} controller={controller} attach={screen.attach} />, {
      stdin,
      stdout,
      alternateScreen: true,
      incrementalRendering: true,
      exitOnCtrlC: false,
      patchConsole: true,
      maxFps: 30,
      interactive: true,
    })
    screen.listen(controller)
    // Only a countdown leaves by itself.
    stops.push(
      store.subscribe(() => {
        const { leaveAt, wall } = store.get()
        if (leaveAt !== undefined && wall >= leaveAt) screen.host.exit({ how: 'ended' })
      }),
    )
    await instance.waitUntilExit()
    return screen.exit()
  } finally {
    for (const stop of stops) stop()
    failure?.removeEventListener('abort', failed)
    screen.close()
    unfollow()
    release()
  }
}
