/**
 * The supervisor's state machine of one thread: its host process, the chunk in flight, freeze and thaw, deadlines, replacement. All its
 * methods return at once; what comes of them is reported. Clocks live here and not in the host, because they stand still while it
 * is frozen. Imports model. Called by supervisor.
 */
import type { BatchWork, Chunk, ThreadReport } from '../model/chunk.ts'
import { assertNever } from '../model/errors.ts'
import { MAX_BATCH_SIZE } from '../model/plan.ts'
import type { Reason } from '../model/reason.ts'
import { Countdown } from './countdown.ts'
import { Flight } from './flight.ts'
import { HostKeeper } from './host-keeper.ts'
import type { HostOptions, HostProcess } from './host-process.ts'
import type { EndWhy, FromHost } from './wire.ts'
import { packChunk } from './wire.ts'
import { timeText } from './words.ts'

/** How long an attempt that can hear its abort signal has to end, and a host to go. */
const GRACE_MS = 5000

/** Longest wait for unstarted items before a freeze. */
const TAKE_BACK_MS = 20

export interface ThreadOptions extends HostOptions {
  readonly report: (report: ThreadReport) => void
}

export class Thread {
  readonly #options: ThreadOptions
  readonly #keeper: HostKeeper
  readonly #timeout = new Countdown(() => this.#timedOut())
  readonly #grace = new Countdown(() => this.#graceOver())
  /** up: a process is there or will be. down: none, until `start`. */
  #state: 'down' | 'up' | 'stopping' = 'down'
  #flight: Flight | undefined
  /** The batch the host knows. */
  #known: BatchWork | undefined
  #freeze: 'no' | 'taking' | 'yes' = 'no'
  #freezeTimer: NodeJS.Timeout | undefined
  #isHeld = false
  /** The worker was told to end at once; the next thing is to kill the host. */
  #isLastWarning = false
  #stopping: PromiseWithResolvers<void> | undefined

  constructor(options: ThreadOptions) {
    this.#options = options
    this.#keeper = new HostKeeper(options, {
      ready: (pid) => this.#ready(pid),
      heard: (message) => this.#heard(message),
      gone: (reason, wasReady) => this.#gone(reason, wasReady),
    })
  }

  /** Of the host, also the number of its process group; undefined while there is none. */
  get pid(): number | undefined {
    return this.#keeper.host?.pid
  }

  /** Reports `thread.ready`, or after three failed starts in a row `thread.broken`. Starts a stopped or broken thread again. */
  start(): void {
    if (this.#state !== 'down') return
    this.#state = 'up'
    this.#keeper.proved()
    this.#keeper.begin()
  }

  /** Hands a chunk over. Only when the thread is ready, free and not frozen: anything else is a bug of the caller. */
  run(chunk: Chunk): void {
    if (!this.#keeper.isReady || this.#state !== 'up' || this.#flight || this.#freeze !== 'no') {
      throw new Error(`thread ${this.#options.number} cannot take a chunk now`)
    }
    if (chunk.items.length > MAX_BATCH_SIZE) throw new Error(`a chunk of ${chunk.items.length} items`)
    this.#flight = new Flight(this.#options.number, chunk)
    this.#host?.send({ do: 'run', chunk: packChunk(chunk, this.#known === chunk.batch) })
    this.#known = chunk.batch
    if (chunk.batch.timeout !== undefined) this.#timeout.start(chunk.batch.timeout)
  }

  /** Unstarted items come back as `items.taken`. */
  takeBack(): void {
    if (this.#flight && this.#freeze !== 'yes') this.#host?.send({ do: 'take', chunk: this.#flight.chunk.id })
  }

  /** Asks the task to stop at its next tick() or pausePoint(). */
  hold(): void {
    this.#setHeld(true)
  }

  release(): void {
    this.#setHeld(false)
  }

  /**
   * Stops the whole process group, whatever it does; unstarted items come back before, within 20 ms, or after the thaw. If the process
   * dies while frozen, the thread is lost and no longer frozen: its new process is idle.
   */
  freeze(): void {
    if (this.#freeze !== 'no' || !this.#host || this.#state !== 'up') return
    if (!this.#flight) return this.#stand()
    this.#freeze = 'taking'
    this.#freezeTimer = setTimeout(() => this.#stand(), TAKE_BACK_MS)
    this.takeBack()
  }

  /** Goes on where it stood. */
  thaw(): void {
    if (this.#freeze === 'no') return
    const wasTaking = this.#freeze === 'taking'
    clearTimeout(this.#freezeTimer)
    this.#freeze = 'no'
    if (wasTaking) this.#report({ type: 'thread.frozen', thread: this.#options.number })
    else this.#goOn()
    this.#host?.send({ do: 'hold', isOn: this.#isHeld })
    this.#report({ type: 'thread.thawed', thread: this.#options.number })
  }

  /**
   * Ends the attempt at this place if it is the one that runs: abort signal, 5 s of grace if the task can hear it, then its worker is
   * terminated. Reported as `items.ended` with this reason. A frozen thread goes on for it without a grace, and freezes again.
   */
  end(place: number, reason: Reason, isNow: boolean): void {
    this.#end({ place, reason, isRetryable: false }, 'user', isNow)
  }

  /** Takes the rest back and ends what runs as `end` does, but reports it as `items.interrupted`. */
  interrupt(): void {
    if (!this.#flight || this.#state !== 'up') return
    // Asking again must not begin its grace anew; one that was frozen meanwhile has to go on for it.
    if (this.#flight.isInterrupted && this.#freeze !== 'yes') return
    this.#flight.isInterrupted = true
    this.#askToEnd(undefined, 'stop', this.#freeze === 'yes')
  }

  /** Ends the host: by message when it is free, else TERM (and CONT); KILL after the grace. Resolves when it is gone. */
  stop(): Promise<void> {
    if (this.#stopping) return this.#stopping.promise
    const { promise } = (this.#stopping = Promise.withResolvers<void>())
    this.#keeper.cancel()
    clearTimeout(this.#freezeTimer)
    this.#timeout.stop()
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
    this.#grace.stop()
    this.#grace.start(GRACE_MS)
    return promise
  }

  /** KILL of the group at once. Without `stop` before it the thread is lost and replaced. */
  kill(): void {
    this.#host?.signal('SIGKILL')
  }

  get #host(): HostProcess | undefined {
    return this.#keeper.host
  }

  #ready(pid: number): void {
    if (this.#state !== 'up') return
    this.#known = undefined
    if (this.#isHeld) this.#setHeld(true)
    this.#report({ type: 'thread.ready', thread: this.#options.number, pid })
  }

  #heard(message: Exclude<FromHost, { is: 'ready' }>): void {
    const flight = this.#flight?.chunk.id === message.chunk ? this.#flight : undefined
    switch (message.is) {
      case 'results':
        if (!flight) return
        this.#reportAll(flight.results(message.results))
        if (message.isEnd) this.#chunkEnded(flight)
        else this.#nextItem(flight)
        return
      case 'taken':
        if (flight) this.#reportAll(flight.taken(message.places))
        if (this.#freeze === 'taking') this.#stand()
        return
      case 'progress':
        if (flight) this.#report(flight.progressed(message))
        return
      default:
        assertNever(message)
    }
  }

  #gone(reason: Reason, wasReady: boolean): void {
    clearTimeout(this.#freezeTimer)
    this.#timeout.stop()
    this.#stopGrace()
    if (this.#state === 'stopping') return this.#stopped()
    const flight = this.#flight
    const thread = this.#options.number
    this.#flight = undefined
    this.#freeze = 'no'
    // A host that dies under an item is the item's doing; one that dies by itself again and again is not worth a new start.
    if (flight) this.#keeper.proved()
    const isReplaced = this.#keeper.replace()
    if (!isReplaced) this.#state = 'down'
    if (flight) this.#reportAll(flight.lost(reason))
    else if (wasReady) this.#report({ type: 'thread.lost', thread, reason, orphaned: [] })
    if (!isReplaced) this.#report({ type: 'thread.broken', thread, reason })
  }

  #stopped(): void {
    const flight = this.#flight
    const stopping = this.#stopping
    this.#state = 'down'
    this.#freeze = 'no'
    this.#stopping = undefined
    this.#stopGrace()
    if (flight) {
      this.#reportAll(flight.stopped())
      this.#chunkEnded(flight)
    }
    this.#report({ type: 'thread.stopped', thread: this.#options.number })
    stopping?.resolve()
  }

  #nextItem(flight: Flight): void {
    if (this.#state === 'stopping') return
    if (!flight.ending && !flight.isInterrupted) this.#stopGrace()
    if (flight.ending || flight.isInterrupted) return
    if (flight.chunk.batch.timeout !== undefined) this.#timeout.start(flight.chunk.batch.timeout)
  }

  #chunkEnded({ chunk }: Flight): void {
    this.#flight = undefined
    this.#keeper.proved()
    this.#timeout.stop()
    if (this.#state !== 'stopping') this.#stopGrace()
    // It went on only to end its item.
    if (this.#freeze === 'yes') this.#host?.signal('SIGSTOP')
    this.#report({ type: 'chunk.ended', thread: this.#options.number, chunk: chunk.id })
  }

  #timedOut(): void {
    const flight = this.#flight
    if (flight?.running === undefined) return
    const message = `took longer than ${timeText(flight.chunk.batch.timeout ?? 0)}`
    this.#end({ place: flight.running, reason: { kind: 'timeout', message }, isRetryable: true }, 'timeout', false)
  }

  #end(ending: NonNullable<Flight['ending']>, why: EndWhy, isNow: boolean): void {
    const flight = this.#flight
    if (flight?.running !== ending.place || this.#state !== 'up') return
    // Who asked first has given the reason; a second wish can only hurry.
    if (!flight.ending) flight.ending = ending
    else if (!isNow) return
    this.#askToEnd(ending.place, why, isNow || this.#freeze === 'yes')
  }

  #askToEnd(place: number | undefined, why: EndWhy, isNow: boolean): void {
    const chunk = this.#flight?.chunk.id ?? 0
    this.#host?.send({ do: 'end', chunk, ...(place === undefined ? {} : { place }), why, isNow })
    // The message is in its pipe before it goes on: the item has no more than a moment.
    if (this.#freeze === 'yes') this.#goOn()
    this.#isLastWarning = isNow
    this.#timeout.stop()
    this.#grace.start(GRACE_MS)
  }

  #graceOver(): void {
    const flight = this.#flight
    if (this.#state === 'stopping' || this.#isLastWarning || !flight) {
      // Not even its host's loop answers.
      this.kill()
      return
    }
    this.#askToEnd(flight.isInterrupted ? undefined : flight.ending?.place, 'stop', true)
  }

  #stopGrace(): void {
    this.#isLastWarning = false
    this.#grace.stop()
  }

  #stand(): void {
    clearTimeout(this.#freezeTimer)
    this.#freeze = 'yes'
    // Others must not wait for a start that stands still.
    this.#keeper.leaveGate()
    this.#host?.signal('SIGSTOP')
    this.#flight?.freeze()
    this.#timeout.freeze()
    this.#grace.freeze()
    this.#report({ type: 'thread.frozen', thread: this.#options.number })
  }

  #goOn(): void {
    this.#host?.signal('SIGCONT')
    this.#flight?.thaw()
    this.#timeout.thaw()
    this.#grace.thaw()
  }

  #setHeld(isOn: boolean): void {
    this.#isHeld = isOn
    if (this.#keeper.isReady && this.#freeze !== 'yes') this.#host?.send({ do: 'hold', isOn })
  }

  #report(report: ThreadReport): void {
    this.#options.report(report)
  }

  #reportAll(reports: readonly ThreadReport[]): void {
    for (const report of reports) this.#report(report)
  }
}
