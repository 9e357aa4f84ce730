/**
 * A thread's two shells: one whose items have groups of their own, and beside it a small one for a stream of short commands, each of which it
 * starts for two thirds of the CPU (0.9 to 1.1 instead of 1.4 ms a job in all, xargs takes 0.8 to 0.9). What may be paused, or ended by hand, is long
 * enough to have a group. One of them works at a time; only that one is heard. Called by thread.ts.
 */
import type { Chunk, ThreadReport } from '../model/chunk.ts'
import type { BatchIndex } from '../model/ids.ts'
import { Forwarded } from './forwarded.ts'
import type { LaneKind } from './lane-kind.ts'
import type { ShellThreadOptions } from './shell-thread.ts'
import { ShellThread } from './shell-thread.ts'
import type { ThreadSide } from './side.ts'

/** Less than this is short, in ms: nobody gets to pause it. */
const SHORT_MS = 20

/** So many short items of a batch in a row are a stream. */
const STREAM = 4

export interface ShellPairOptions extends Omit<ShellThreadOptions, 'lane'> {
  readonly grouped: LaneKind
  readonly shared: LaneKind
}

/** One of the two. */
interface Shell {
  readonly thread: ShellThread
  /** It can take a chunk, should it work next. */
  isReady: boolean
}

export class ShellPair extends Forwarded implements ThreadSide {
  readonly #options: ShellPairOptions
  readonly #grouped: Shell
  readonly #shared: Shell
  /** The one that works. */
  #active: Shell
  #batch: BatchIndex | undefined
  /** Short items in a row. */
  #short = 0
  #stopping: Promise<void> | undefined

  constructor(options: ShellPairOptions) {
    super()
    this.#options = options
    this.#grouped = this.#make(options.grouped)
    this.#shared = this.#make(options.shared)
    this.#active = this.#grouped
  }

  protected get side(): ThreadSide {
    return this.#active.thread
  }

  start(): void {
    this.#active = this.#grouped
    this.#grouped.thread.start()
  }

  run(chunk: Chunk): void {
    if (chunk.batch.index !== this.#batch) this.#short = 0
    this.#batch = chunk.batch.index
    this.#choose()
    this.#active.thread.run(chunk)
  }

  /** No command leaves garbage. */
  tidy(): void {}

  renew(): void {
    this.#active.thread.renew()
  }

  /** Both are gone once that is said: one that is still on its way out could not be started again. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  override kill(): void {
    this.#grouped.thread.kill()
    this.#shared.thread.kill()
  }

  async #stop(): Promise<void> {
    await Promise.all([this.#grouped.thread.stop(), this.#shared.thread.stop()])
    this.#stopping = undefined
    this.#options.report({ type: 'thread.stopped', thread: this.#options.number })
  }

  #make(lane: LaneKind): Shell {
    const { grouped: _, shared: __, ...options } = this.#options
    const shell: Shell = {
      isReady: false,
      thread: new ShellThread({ ...options, lane, report: (report) => this.#heard(shell, report) }),
    }
    return shell
  }

  /** The next chunk goes to the small shell where a stream goes on. It is started when one begins, and used from when it is there. */
  #choose(): void {
    const isStream = this.#short >= STREAM
    if (isStream && !this.#shared.isReady) this.#shared.thread.start()
    const next = isStream && this.#shared.isReady ? this.#shared : this.#grouped
    const { pid } = next.thread
    if (next === this.#active || !next.isReady || pid === undefined) return
    this.#active = next
    // What is looked at, and counted, is its tree from now on.
    this.#options.report({ type: 'thread.ready', thread: this.#options.number, pid })
  }

  #heard(shell: Shell, report: ThreadReport): void {
    if (report.type === 'thread.ready') shell.isReady = true
    else if (report.type === 'thread.lost' || report.type === 'thread.broken' || report.type === 'thread.stopped') {
      shell.isReady = false
      // It may be that its item signals its whole group: it runs again where it has one of its own.
      this.#short = 0
    } else this.#note(report)
    if (shell === this.#active && report.type !== 'thread.stopped') this.#options.report(report)
  }

  #note(report: ThreadReport): void {
    const times =
      report.type === 'items.succeeded'
        ? report.ms
        : report.type === 'items.ended'
          ? report.results.map(({ ms }) => ms)
          : []
    for (const ms of times) this.#short = ms < SHORT_MS ? this.#short + 1 : 0
  }
}
