/**
 * Looks at memory and CPU: at everything twice a second, at the memory of threads alone as often as the governor wants between. Keeps a
 * line a second in samples.log (never synced: nobody's promise hangs on it).
 */
import { createWriteStream } from 'node:fs'
import { encodeSample, samplesPath } from '../journal/samples.ts'
import type { Sample } from '../model/chunk.ts'
import type { ThreadNumber } from '../model/ids.ts'
import type { Bytes } from '../model/units.ts'
import { readPeak, resetPeak } from '../probe/peaks.ts'
import type { ThreadProcess } from '../probe/sampler.ts'
import { createSampler } from '../probe/sampler.ts'
import type { LiveThread } from '../run/live.ts'
import { usedByAll } from '../run/observe.ts'
import type { Core } from './core.ts'

/** Between two looks at everything; while the memory of threads is looked at all the time they are enough half as often. */
const EVERY_MS = 500
const SELDOMER_MS = 1000
const ALL_THE_TIME_MS = 25

/** Every second look is kept. */
const KEPT_MS = 1000

/** Loading what reads the system takes 40 ms: the first items are handed out before. */
const FIRST_MS = 125

export interface MemoryWatch {
  readonly stop: () => void
}

export function watchMemory(core: Core, folder: string): MemoryWatch {
  const watch = new Watch(core, folder)
  core.eye = watch
  watch.lookWithin(FIRST_MS)
  return watch
}

class Watch {
  readonly #core: Core
  readonly #folder: string
  readonly #sampler = createSampler()
  #log
  #keptAt = 0
  #lookedAt = -Infinity
  #isLooking = false
  #isStopped = false
  #timer: NodeJS.Timeout | undefined
  #dueAt = Infinity
  #pace = EVERY_MS

  constructor(core: Core, folder: string) {
    this.#core = core
    this.#folder = folder
    this.#log = this.#open()
  }

  lookWithin(ms: number): void {
    const due = performance.now() + ms
    // A timer that is nearly as early is left alone: asking for one costs more than the difference.
    if (this.#isStopped || due >= this.#dueAt - 2) return
    clearTimeout(this.#timer)
    this.#dueAt = due
    this.#pace = ms
    this.#timer = setTimeout(() => this.#look(), ms)
  }

  usedNow(thread: ThreadNumber): Bytes | undefined {
    const root = rootOf(this.#core.live.threads[thread - 1])
    return root && this.#sampler.usedNow(root)
  }

  takePeak(thread: ThreadNumber): Bytes | undefined {
    const pid = this.#core.live.threads[thread - 1]?.pid
    if (pid === undefined) return undefined
    const peak = readPeak(pid)
    return resetPeak(pid) ? peak : undefined
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#log.end()
  }

  #look(): void {
    this.#dueAt = Infinity
    const every = this.#pace < ALL_THE_TIME_MS ? SELDOMER_MS : EVERY_MS
    // Whatever comes of this look: there is a next one.
    this.lookWithin(EVERY_MS)
    if (performance.now() - this.#lookedAt >= every - 10) {
      void this.#sample()
      return
    }
    const seen = this.#sampler.quick(this.#processes())
    if (seen) this.#core.post({ type: 'glanced', ...seen })
  }

  async #sample(): Promise<void> {
    if (this.#isLooking) return
    this.#isLooking = true
    this.#lookedAt = performance.now()
    const sample = await this.#sampler.sample(this.#processes()).catch(() => undefined)
    this.#isLooking = false
    // What could not be read this time may be read the next; the run has no part in it.
    if (!sample || this.#isStopped) return
    this.#core.post({ type: 'sampled', sample })
    this.#keep(sample)
  }

  #processes(): readonly ThreadProcess[] {
    return this.#core.live.threads.flatMap((thread) => rootOf(thread) ?? [])
  }

  #keep(sample: Sample): void {
    const now = this.#core.clock.now()
    if (now - this.#keptAt < KEPT_MS) return
    this.#keptAt = now
    // A stream that failed once takes nothing any more.
    if (this.#log.destroyed) this.#log = this.#open()
    this.#log.write(sampleLine(this.#core, sample.system, now))
  }

  /** A full disk must not end the run: the curve has a gap then. */
  #open() {
    return createWriteStream(samplesPath(this.#folder), { flags: 'a', mode: 0o600 }).on('error', () => undefined)
  }
}

function rootOf(live: LiveThread | undefined): ThreadProcess | undefined {
  if (live?.pid === undefined) return undefined
  return { thread: live.thread, pid: live.pid, isShell: live.kind === 'command' }
}

function sampleLine({ live }: Core, { total, available }: Sample['system'], at: number): string {
  const { budget, cap, threads } = live
  return encodeSample({ at, budget, used: usedByAll(live), system: { total, available }, threads, cap })
}
