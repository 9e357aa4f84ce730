/** Looks at memory and CPU twice a second, and keeps a line a second in samples.log (never synced: nobody's promise hangs on it). */
import { createWriteStream } from 'node:fs'
import { encodeSample, samplesPath } from '../journal/samples.ts'
import type { Sample } from '../model/chunk.ts'
import { createSampler } from '../probe/sampler.ts'
import { usedByAll } from '../run/observe.ts'
import type { Core } from './core.ts'

const EVERY_MS = 500

/** Every second look is kept. */
const KEPT_MS = 1000

export interface MemoryWatch {
  readonly stop: () => void
}

export function watchMemory(core: Core, folder: string): MemoryWatch {
  const sampler = createSampler()
  // A full disk must not end the run: the curve has a gap then.
  const open = () => createWriteStream(samplesPath(folder), { flags: 'a', mode: 0o600 }).on('error', () => undefined)
  let log = open()
  let keptAt = 0
  let isLooking = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    const processes = core.live.threads.flatMap(({ thread, pid }) => (pid === undefined ? [] : [{ thread, pid }]))
    const sample = await sampler.sample(processes).catch(() => undefined)
    isLooking = false
    // What could not be read this time may be read the next; the run has no part in it.
    if (!sample) return
    core.post({ type: 'sampled', sample })
    const now = core.clock.now()
    if (now - keptAt < KEPT_MS) return
    keptAt = now
    // A stream that failed once takes nothing any more.
    if (log.destroyed) log = open()
    log.write(sampleLine(core, sample.system, now))
  }
  const timer = setInterval(() => void look(), EVERY_MS)
  // Loading what reads the system takes 40 ms: the first items are handed out before.
  const first = setTimeout(() => void look(), EVERY_MS / 4)
  return {
    stop: () => {
      clearTimeout(first)
      clearInterval(timer)
      log.end()
    },
  }
}

function sampleLine({ plan, live }: Core, system: Sample['system'], at: number): string {
  const { budget } = plan.memory
  return encodeSample({ at, budget, used: usedByAll(live), system, threads: live.threads, cap: live.cap })
}
