/** The orderly end, once the last event is on disk: tell everybody, end every process, note how it ended, free the plan. */
import type { Journal } from '../journal/journal.ts'
import type { PlanLock } from '../journal/lock.ts'
import type { RunInfo } from '../journal/run-info.ts'
import { writeRunInfo } from '../journal/run-info.ts'
import type { LinkServer } from '../link/server.ts'
import { EXIT } from '../model/errors.ts'
import type { Outcome } from '../model/event.ts'
import { leftToDo } from '../run/state.ts'
import type { Reaper } from '../threads/reaper.ts'
import type { Core } from './core.ts'
import type { Publisher } from './publisher.ts'
import type { MemoryWatch } from './watch-memory.ts'

export interface EndingOptions {
  readonly core: Core
  readonly info: RunInfo
  readonly journal: Journal
  readonly link: LinkServer
  readonly lock: PlanLock
  readonly publisher: Publisher
  readonly reaper: Reaper
}

export class Ending {
  readonly #options: EndingOptions
  #memory: MemoryWatch | undefined

  constructor(options: EndingOptions) {
    this.#options = options
  }

  watch(memory: MemoryWatch): void {
    this.#memory = memory
  }

  async run(): Promise<void> {
    const { core, journal, link, lock, publisher, reaper } = this.#options
    this.#memory?.stop()
    // The journal says how it ended, and it is on disk: a disk that is full now takes nothing back.
    const noted = writeRunInfo(this.#ended()).catch((error: unknown) =>
      console.error('run.json could not be written:', error),
    )
    await Promise.all([noted, ...core.threads.map((thread) => thread.stop())])
    publisher.flush()
    await journal.close()
    await link.ended()
    link.close()
    reaper.close()
    lock.release()
    process.exit(0)
  }

  /** The end of a run that its disk does not let end: what is on disk is what a recovery goes on from. */
  async abandon(): Promise<void> {
    const { core, journal, link, lock, reaper } = this.#options
    this.#memory?.stop()
    await Promise.all(core.threads.map((thread) => thread.stop()))
    await journal.close()
    link.close()
    reaper.close()
    lock.release()
    process.exit(EXIT.stopped)
  }

  #ended(): RunInfo {
    const { core, info } = this.#options
    const { state } = core
    const sum = (of: 'succeeded' | 'failed' | 'skipped') =>
      state.batches.reduce((total, { durable }) => total + durable[of], 0)
    const at = state.endedAt ?? core.clock.now()
    return {
      ...info,
      items: state.plan.items,
      ended: {
        at,
        outcome: state.outcome as Outcome,
        succeeded: sum('succeeded'),
        failed: sum('failed'),
        skipped: sum('skipped'),
        left: leftToDo(state, 'durable'),
        ms: at - state.startedAt,
        exit: state.exit ?? 0,
      },
    }
  }
}
