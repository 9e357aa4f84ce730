/**
 * The supervisor's state machine of a thread that runs task modules: its host process, the chunk in flight, freeze and thaw, deadlines,
 * replacement. Clocks live here and not in the host, because they stand still while it is frozen. Called by thread.ts.
 */
import type { BatchWork, Chunk, ThreadAbilities, ThreadReport } from '../model/chunk.ts'
import { assertNever } from '../model/errors.ts'
import { MAX_BATCH_SIZE } from '../model/plan.ts'
import type { Reason } from '../model/reason.ts'
import type { Bytes } from '../model/units.ts'
import { bytes, millis } from '../model/units.ts'
import { Endings } from './endings.ts'
import { Flight, lossReports } from './flight.ts'
import type { HostOptions } from './host-process.ts'
import { HostProcess } from './host-process.ts'
import { Keeper } from './keeper.ts'
import type { ThreadSide } from './side.ts'
import { startGate } from './start-gate.ts'
import type { FromHost } from './wire.ts'
import { packChunk } from './wire.ts'

/** Longest wait for unstarted items before a freeze: they come in one or two, but on a busy machine a host may not run for a while. */
const TAKE_BACK_MS = 50

export interface HostThreadOptions extends HostOptions {
  readonly report: (report: ThreadReport) => void
}

export class HostThread implements ThreadSide {
  readonly abilities: ThreadAbilities = { hold: true, reclaim: true }
  readonly #options: HostThreadOptions
  readonly #keeper: Keeper<HostProcess>
  readonly #endings: Endings
  /** up: a process is there or will be. down: none, until `start`. */
  #state: 'down' | 'up' | 'stopping' = 'down'
  #flight: Flight | undefined
  /** The batch the host knows. */
  #known: BatchWork | undefined
  #freeze: 'no' | 'taking' | 'yes' = 'no'
  #freezeTimer: NodeJS.Timeout | undefined
  #holds = 0
  /** Number of the hold that is wished. */
  #hold: number | undefined
  /** The running item stands at a tick. */
  #isStanding = false
  #tidy: Bytes | undefined
  #isReclaiming = false
  #stopping: PromiseWithResolvers<void> | undefined

  constructor(options: HostThreadOptions) {
    this.#options = options
    this.#keeper = new Keeper(
      {
        make: ({ ready, gone }) =>
          new HostProcess(options, {
            heard: (message) => (message.is === 'ready' ? ready() : this.#heard(message)),
            gone,
          }),
        enter: (start) => startGate.enter(start),
      },
      { ready: (pid) => this.#ready(pid), gone: (reason, wasReady) => this.#gone(reason, wasReady) },
    )
    this.#endings = new Endings({
      flight: () => (this.#state === 'up' ? this.#flight : undefined),
      isFrozen: () => this.#freeze === 'yes',
      hasGraceFrozen: false,
      goOn: () => this.#goOn(),
      send: (message) => this.#host?.send(message),
      kill: () => this.kill(),
    })
  }

  /** Of the host, also the number of its process group; undefined while there is none. */
  get pid(): number | undefined {
    return this.#keeper.process?.pid
  }

  start(): void {
    if (this.#state !== 'down') return
    this.#state = 'up'
    this.#keeper.proved()
    this.#keeper.begin()
  }

  run(chunk: Chunk): void {
    if (!this.#isFree || this.#hold !== undefined) {
      throw new Error(`thread ${this.#options.number} cannot take a chunk now`)
    }
    if (chunk.items.length > MAX_BATCH_SIZE) throw new Error(`a chunk of ${chunk.items.length} items`)
    this.#flight = new Flight(this.#options.number, chunk)
    this.#host?.send({ do: 'run', chunk: packChunk(chunk, this.#known === chunk.batch) })
    this.#known = chunk.batch
    this.#endings.begin(this.#flight)
  }

  takeBack(): void {
    if (this.#flight && this.#freeze !== 'yes') this.#host?.send({ do: 'take', chunk: this.#flight.chunk.id })
  }

  /**
   * Takes unstarted items back and asks the task to stand still at its next tick() or pausePoint(): `thread.held` says that it does. The time
   * until `release` is none of the item. A process that dies is not held any more.
   */
  hold(): void {
    if (this.#hold !== undefined) return
    this.#hold = ++this.#holds
    this.#tellWishes()
  }

  release(): void {
    if (this.#hold === undefined) return
    this.#hold = undefined
    if (this.#isStanding && this.#freeze !== 'yes') this.#thawClocks()
    this.#isStanding = false
    this.#tellWishes()
  }

  /**
   * Has the worker collect its garbage and give the memory back to the system: at once when it is idle or awaits something, else at its next
   * tick() or after its item. Answered with `thread.reclaimed`, unless its process dies before. Asking again before that changes nothing.
   */
  reclaim(): void {
    if (this.#isReclaiming || !this.#keeper.isReady || this.#state !== 'up') return
    this.#isReclaiming = true
    // Who is frozen reads it when it goes on.
    this.#host?.send({ do: 'reclaim' })
  }

  tidy(threshold: Bytes | undefined): void {
    if (threshold === this.#tidy) return
    this.#tidy = threshold
    this.#tellWishes()
  }

  /**
   * Stops the whole process group, whatever it does; unstarted items come back before, within 50 ms, or after the thaw. If the process
   * dies while frozen, the thread is lost and no longer frozen: its new process is idle.
   */
  freeze(): void {
    if (this.#freeze !== 'no' || !this.#host || this.#state !== 'up') return
    if (!this.#flight) return this.#stand()
    this.#freeze = 'taking'
    this.#freezeTimer = setTimeout(() => this.#stand(), TAKE_BACK_MS)
    this.takeBack()
  }

  thaw(): void {
    if (this.#freeze === 'no') return
    const wasTaking = this.#freeze === 'taking'
    clearTimeout(this.#freezeTimer)
    this.#freeze = 'no'
    if (wasTaking) this.#report({ type: 'thread.frozen', thread: this.#options.number })
    else {
      this.#host?.signal('SIGCONT')
      if (!this.#isStanding) this.#thawClocks()
    }
    this.#tellWishes()
    this.#report({ type: 'thread.thawed', thread: this.#options.number })
  }

  /**
   * Ends the attempt at this place if it is the one that runs: abort signal, 5 s of grace if the task can hear it, then its worker is
   * terminated. Reported as `items.ended` with this reason. A frozen thread goes on for it without a grace, and freezes again.
   */
  end(place: number, reason: Reason, isNow: boolean): void {
    this.#endings.end({ place, reason, isRetryable: false }, 'user', isNow)
  }

  interrupt(): void {
    this.#endings.interrupt()
  }

  /**
   * The running item goes off the thread because its memory is needed, as by `interrupt` but with half a second of grace.
   * @param isNow kill the process: then the chunk ends with `thread.lost`, reason `memory`
   */
  evict(isNow: boolean): void {
    this.#endings.evict(isNow)
  }

  /**
   * The item at this place has taken too much, if it is the one that runs: its process is killed at once. Reported as `items.ended` with this
   * reason, then `thread.lost`.
   */
  fail(place: number, reason: Reason): void {
    this.#endings.fail(place, reason)
  }

  renew(): void {
    if (!this.#isFree) throw new Error(`thread ${this.#options.number} cannot be renewed now`)
    this.#keeper.retire()
    this.#host?.send({ do: 'stop' })
    this.#endings.leave()
  }

  /** Ends the host: by message when it is free, else TERM (and CONT); KILL after the grace. Resolves when it is gone. */
  stop(): Promise<void> {
    if (this.#stopping) return this.#stopping.promise
    const { promise } = (this.#stopping = Promise.withResolvers<void>())
    this.#keeper.cancel()
    clearTimeout(this.#freezeTimer)
    this.#state = 'stopping'
    if (!this.#host) {
      this.#stopped()
      return promise
    }
    if (this.#keeper.isReady && !this.#flight) this.#host.send({ do: 'stop' })
    else this.#host.signal('SIGTERM')
    // Frozen or not: a stopped process does not hear.
    this.#freeze = 'no'
    this.#goOn()
    this.#endings.clear()
    this.#endings.leave()
    return promise
  }

  kill(): void {
    this.#host?.signal('SIGKILL')
  }

  get #host(): HostProcess | undefined {
    return this.#keeper.process
  }

  get #isFree(): boolean {
    return this.#keeper.isReady && this.#state === 'up' && !this.#flight && this.#freeze === 'no'
  }

  #ready(pid: number): void {
    if (this.#state !== 'up') return
    this.#known = undefined
    this.#tellWishes()
    this.#report({ type: 'thread.ready', thread: this.#options.number, pid })
  }

  #heard(message: Exclude<FromHost, { is: 'ready' }>): void {
    const flight = !('chunk' in message) || this.#flight?.chunk.id === message.chunk ? this.#flight : undefined
    const thread = this.#options.number
    switch (message.is) {
      case 'results':
        if (!flight) return
        this.#reportAll(flight.results(message.results))
        if (message.isEnd && !flight.isKilled) this.#chunkEnded(flight)
        else this.#nextItem(flight)
        return
      case 'taken':
        if (flight) this.#reportAll(flight.taken(message.places))
        if (this.#freeze === 'taking') this.#stand()
        return
      case 'progress':
        if (flight) this.#report(flight.progressed(message))
        return
      case 'held':
        if (flight) this.#held(flight, message.hold)
        return
      case 'reclaimed':
        if (!this.#isReclaiming) return
        this.#isReclaiming = false
        this.#report({ type: 'thread.reclaimed', thread, freed: bytes(message.freed), ms: millis(message.ms) })
        return
      case 'measured':
        this.#report({ type: 'thread.measured', thread, heap: bytes(message.heap), external: bytes(message.external) })
        return
      default:
        assertNever(message)
    }
  }

  #held(flight: Flight, hold: number): void {
    // It may have been released meanwhile, or told to end, which it does not do standing.
    if (hold !== this.#hold || flight.ending || flight.isInterrupted || this.#state !== 'up') return
    this.#isStanding = true
    this.#freezeClocks()
    this.#report({ type: 'thread.held', thread: this.#options.number })
  }

  #gone(reason: Reason, wasReady: boolean): void {
    clearTimeout(this.#freezeTimer)
    this.#endings.clear()
    this.#isReclaiming = false
    this.#hold = undefined
    this.#isStanding = false
    if (this.#state === 'stopping') return this.#stopped()
    const flight = this.#flight
    this.#flight = undefined
    this.#freeze = 'no'
    // A host that dies under an item is the item's doing; one that dies by itself again and again is not worth a new start.
    if (flight) this.#keeper.proved()
    const isReplaced = this.#keeper.replace()
    if (!isReplaced) this.#state = 'down'
    const thread = this.#options.number
    this.#reportAll(lossReports({ thread, reason, chunk: flight?.lost(reason), wasReady, isReplaced }))
  }

  #stopped(): void {
    const flight = this.#flight
    const stopping = this.#stopping
    this.#state = 'down'
    this.#freeze = 'no'
    this.#stopping = undefined
    if (flight) {
      this.#reportAll(flight.stopped())
      this.#chunkEnded(flight)
    }
    this.#report({ type: 'thread.stopped', thread: this.#options.number })
    stopping?.resolve()
  }

  #nextItem(flight: Flight): void {
    if (this.#state === 'stopping') return
    this.#endings.begin(flight)
    // What it had said before it was stopped.
    if (this.#freeze === 'yes') this.#endings.freeze()
  }

  #chunkEnded({ chunk }: Flight): void {
    this.#flight = undefined
    this.#isStanding = false
    this.#keeper.proved()
    if (this.#state !== 'stopping') this.#endings.clear()
    // It went on only to end its item.
    if (this.#freeze === 'yes') this.#host?.signal('SIGSTOP')
    this.#report({ type: 'chunk.ended', thread: this.#options.number, chunk: chunk.id })
  }

  #stand(): void {
    clearTimeout(this.#freezeTimer)
    this.#freeze = 'yes'
    // Others must not wait for a start that stands still.
    this.#keeper.leaveGate()
    this.#host?.signal('SIGSTOP')
    this.#freezeClocks()
    this.#report({ type: 'thread.frozen', thread: this.#options.number })
    // Its memory is still needed.
    if (this.#flight?.isEvicted) this.evict(false)
  }

  /** Whatever it stands for. */
  #goOn(): void {
    if (this.#freeze === 'yes' || this.#state === 'stopping') this.#host?.signal('SIGCONT')
    this.#isStanding = false
    this.#thawClocks()
  }

  #freezeClocks(): void {
    this.#flight?.freeze()
    this.#endings.freeze()
  }

  #thawClocks(): void {
    this.#flight?.thaw()
    this.#endings.thaw()
  }

  #tellWishes(): void {
    if (!this.#keeper.isReady || this.#freeze === 'yes') return
    const hold = this.#hold === undefined ? {} : { hold: this.#hold }
    const tidy = this.#tidy === undefined ? {} : { tidy: this.#tidy }
    this.#host?.send({ do: 'wish', ...hold, ...tidy })
  }

  #report(report: ThreadReport): void {
    this.#options.report(report)
  }

  #reportAll(reports: readonly ThreadReport[]): void {
    for (const report of reports) this.#report(report)
  }
}
