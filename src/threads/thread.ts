/**
 * One thread as the supervisor knows it: at a time a host process for task modules, or a shell for commands. Imports model. Called by
 * supervisor.
 */
import type { Chunk, ThreadReport } from '../model/chunk.ts'
import type { WorkKind } from '../model/plan.ts'
import type { Bytes } from '../model/units.ts'
import { Forwarded } from './forwarded.ts'
import type { HostOptions } from './host-process.ts'
import { HostThread } from './host-thread.ts'
import type { LaneKind } from './lane-kind.ts'
import { findLane, SHARED_LANE } from './lane-kind.ts'
import { ShellPair } from './shell-pair.ts'
import { ShellThread } from './shell-thread.ts'
import type { ThreadSide } from './side.ts'

export interface ThreadOptions extends HostOptions {
  readonly report: (report: ThreadReport) => void
  /** What runs commands; left out: the best there is. */
  readonly lane?: LaneKind
}

/** Methods are those of its side: side.ts says what they do. Before the first `start` there is nothing to ask for. */
export class Thread extends Forwarded {
  readonly #options: ThreadOptions
  #side: ThreadSide | undefined
  #kind: WorkKind | undefined
  #tidy: Bytes | undefined
  #isStopped = false
  /** The side before, on its way out. */
  #leaving: Promise<unknown> | undefined

  constructor(options: ThreadOptions) {
    super()
    this.#options = options
  }

  /** What it can run. */
  get kind(): WorkKind | undefined {
    return this.#kind
  }

  protected get side(): ThreadSide | undefined {
    return this.#side
  }

  start(kind: WorkKind): void {
    this.#isStopped = false
    if (kind !== this.#kind) this.#change(kind)
    else if (!this.#leaving) this.#side?.start()
  }

  /** A free thread gets a new process, for work of this kind. */
  renew(kind: WorkKind): void {
    if (kind === this.#kind) this.#side?.renew()
    else this.#change(kind)
  }

  run(chunk: Chunk): void {
    if (!this.#side || chunk.batch.work.kind !== this.#kind)
      throw new Error(`thread ${this.#options.number} cannot take a chunk of ${chunk.batch.work.kind} work now`)
    this.#side.run(chunk)
  }

  tidy(threshold: Bytes | undefined): void {
    this.#tidy = threshold
    this.#side?.tidy(threshold)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#side) await Promise.all([this.#leaving, this.#side.stop()])
    else this.#options.report({ type: 'thread.stopped', thread: this.#options.number })
  }

  /** The next process starts when the one before is gone: its memory may be needed. */
  #change(kind: WorkKind): void {
    const before = this.#side
    const next = this.#make(kind)
    this.#side = next
    this.#kind = kind
    if (!before) return next.start()
    const leaving = Promise.all([this.#leaving, before.stop()])
    this.#leaving = leaving
    void this.#startAfter(leaving, next)
  }

  async #startAfter(leaving: Promise<unknown>, next: ThreadSide): Promise<void> {
    await leaving
    if (this.#leaving !== leaving) return
    this.#leaving = undefined
    if (!this.#isStopped) next.start()
  }

  #make(kind: WorkKind): ThreadSide {
    // What one says that is on its way out concerns nobody.
    const report = (said: ThreadReport): void => {
      if (this.#side === side) this.#options.report(said)
    }
    const options = { ...this.#options, report }
    const side: ThreadSide = kind === 'module' ? new HostThread(options) : shellOf(options)
    side.tidy(this.#tidy)
    return side
  }
}

/** Two shells where the second is worth its while: on Linux it keeps the items it shares a group with apart from itself. */
function shellOf(options: ThreadOptions): ThreadSide {
  const lane = options.lane ?? findLane()
  const isPair = options.lane === undefined && lane.isGrouped && process.platform === 'linux'
  return isPair
    ? new ShellPair({ ...options, grouped: lane, shared: SHARED_LANE })
    : new ShellThread({ ...options, lane })
}
