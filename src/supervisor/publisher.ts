/** Pictures of the run for whoever watches: at most ten a second, none while nobody looks or nothing changed. */

import { eta } from '../forecast/eta.ts'
import { RateMeter } from '../forecast/rate-meter.ts'
import { diffSnapshots } from '../link/diff-snapshots.ts'
import type { LinkServer } from '../link/server.ts'
import type { RunSnapshot } from '../model/snapshot.ts'
import { movingThreads } from '../run/live.ts'
import { snapshotOf } from '../run/snapshot.ts'
import { ended } from '../run/state.ts'
import { blockers } from '../schedule/eligible.ts'
import type { Core } from './core.ts'

const LEAST_MS = 100

export interface PublisherOptions {
  readonly core: Core
  readonly stateDir: string
  readonly isForeground: boolean
}

export class Publisher {
  readonly #options: PublisherOptions
  readonly #rate = new RateMeter()
  #link: LinkServer | undefined
  #last: RunSnapshot | undefined
  #publishedAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  serve(link: LinkServer): void {
    this.#link = link
  }

  /** Counts what ended, for the rate. Called with every look at memory. */
  observe(): void {
    const { state, clock } = this.#options.core
    this.#rate.observe(
      state.batches.reduce((sum, { durable }) => sum + ended(durable), 0),
      clock.now(),
    )
  }

  /** Something may have changed: a picture follows soon. */
  changed(): void {
    if (this.#timer !== undefined || !this.#link || this.#link.watchers === 0) return
    const wait = Math.max(0, this.#publishedAt + LEAST_MS - performance.now())
    this.#timer = setTimeout(() => this.flush(), wait)
  }

  /** Sends what changed right now. */
  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#publishedAt = performance.now()
    const before = this.#last
    this.#last = this.#take()
    const delta = before && diffSnapshots(before, this.#last)
    if (delta) this.#link?.publish(delta)
  }

  /** The picture a new watcher begins with: the same that the others have just got, so that the next delta fits all. */
  snapshot(): RunSnapshot {
    this.flush()
    return this.#last as RunSnapshot
  }

  #take(): RunSnapshot {
    const { core, stateDir, isForeground } = this.#options
    const { state, live, clock } = core
    const rate = this.#rate.perMinute()
    return snapshotOf(state, live, {
      now: clock.now(),
      stateDir,
      isForeground,
      isLive: true,
      rate,
      eta: state.endedAt === undefined && state.draining === 'no' ? eta(state, movingThreads(live), rate) : undefined,
      blockedBy: blockers(state),
      isEndDurable: state.seq >= core.lastSeq,
      trouble: core.journal.trouble,
    })
  }
}
