/**
 * What a picture costs: CPU milliseconds and bytes a frame at 120x40 with 16 threads, 11 of which change every time. A terminal that
 * takes everything stands in for a real one. Needs a build, because Node runs no .tsx.
 */
import process from 'node:process'
import { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import type { RunSnapshot } from '../../src/model/snapshot.ts'
import { bytes, wallTime } from '../../src/model/units.ts'
import { memoryFeed } from '../helpers/memory-feed.ts'
import { manyThreads } from '../helpers/snapshots.ts'
import { NOW } from '../helpers/story-run.ts'

export interface FrameCost {
  readonly cpuMs: number
  readonly bytes: number
}

interface FrameOptions {
  readonly columns: number
  readonly rows: number
  readonly threads: number
  readonly frames: number
  /** Folder of the compiled program. */
  readonly build?: string
}

const WARM_UP = 60
const fail = (error: unknown): never => {
  throw error
}
const nothing = (): void => undefined

export async function frameCost(options: FrameOptions): Promise<FrameCost> {
  // React is two to three times slower as it is developed with; the program runs with this too.
  process.env['NODE_ENV'] = 'production'
  const { columns, rows, frames } = options
  const terminal = fakeTerminal(columns, rows)
  let now = NOW
  const feed = memoryFeed(manyThreads(options.threads))
  const { createStore, createController, Root, render, createElement } = await load(options.build)
  const looks = { ascii: false, color: true }
  const size = { columns, rows, looks, readOnly: false, isBound: false }
  const store = createStore({ feed, now: () => now, canDraw: () => true, fail, ...size })
  const host = { exit: nothing, repaint: nothing, suspend: nothing, openPager: undefined }
  const controller = createController(store, feed, host)
  const instance = render(createElement(Root, { store, controller, attach: nothing }), {
    ...terminal.streams,
    interactive: true,
    alternateScreen: true,
    incrementalRendering: true,
    patchConsole: false,
  })
  let turn = 0
  const draw = async (count: number): Promise<void> => {
    for (let frame = 0; frame < count; frame++) {
      now = wallTime(now + 250)
      feed.show(changed(feed.snapshot() as RunSnapshot, turn++))
      store.refresh()
      // The next picture comes when this one is out.
      await instance.waitUntilRenderFlush()
    }
  }
  await draw(WARM_UP)
  const before = terminal.written()
  const cpu = process.cpuUsage()
  await draw(frames)
  const { user, system } = process.cpuUsage(cpu)
  const cost = { cpuMs: (user + system) / 1000 / frames, bytes: (terminal.written() - before) / frames }
  instance.unmount()
  return cost
}

/** Seven of ten threads a little further, with a little more or less memory. */
function changed(snapshot: RunSnapshot, turn: number): RunSnapshot {
  const threads = snapshot.threads.map((thread, place) =>
    (place * 7 + turn) % 10 < 7
      ? Object.assign({}, thread, {
          fraction: ((thread.fraction ?? 0) + 0.011) % 1,
          used: bytes(thread.used * (1 + ((turn + place) % 5 === 0 ? 0.01 : -0.002))),
          cpu: 0.9 + ((turn * 3 + place) % 10) / 100,
        })
      : thread,
  )
  const used = bytes(threads.reduce((sum, thread) => sum + thread.used, 0))
  return { ...snapshot, threads, memory: { ...snapshot.memory, used } }
}

function fakeTerminal(columns: number, rows: number) {
  let written = 0
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      written += chunk.length
      done()
    },
  })
  const source = new Readable({ read: () => undefined })
  const same = (): Readable => source
  const stdout = Object.assign(sink, { columns, rows, isTTY: true }) as unknown as NodeJS.WriteStream
  const stdin = Object.assign(source, {
    isTTY: true,
    setRawMode: same,
    ref: same,
    unref: same,
  }) as unknown as NodeJS.ReadStream
  return { streams: { stdout, stdin }, written: () => written }
}

type Screen = typeof import('../../src/tui/store.ts') &
  typeof import('../../src/tui/controller.ts') &
  typeof import('../../src/tui/Root.tsx') &
  Pick<typeof import('ink'), 'render'> &
  Pick<typeof import('react'), 'createElement'>

async function load(build = new URL('../../dist', import.meta.url).pathname): Promise<Screen> {
  const part = async (name: string): Promise<object> =>
    (await import(pathToFileURL(`${build}/tui/${name}.js`).href)) as object
  const [store, controller, root] = await Promise.all([part('store'), part('controller'), part('Root')])
  const { render } = await import('ink')
  const { createElement } = await import('react')
  return { ...store, ...controller, ...root, render, createElement } as Screen
}
