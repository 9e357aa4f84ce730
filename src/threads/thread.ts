/**
 * The supervisor's state machine of one thread: its host process, the chunk in flight, freeze and thaw, deadlines, replacement. All its
 * methods return at once; what comes of them is reported. Clocks live here and not in the host, because they stand still while it
 * is frozen. Imports model. Called by supervisor.
 */
import type { Chunk, ThreadReport } from '../model/chunk.ts'
import { assertNever } from '../model/errors.ts'
import type { Reason } from '../model/reason.ts'
import { Countdown } from './countdown.ts'
import { Flight, logRef } from './flight.ts'
import type { HostOptions } from './host-process.ts'
import { HostProcess } from './host-process.ts'
import { startGate } from './start-gate.ts'
import type { FromHost } from './wire.ts'
import { packChunk } from './wire.ts'
import { timeText } from './words.ts'

/** How long an attempt that can hear its abort signal has to end, and a host to go. */
export const GRACE_MS = 5000

/** Longest wait for unstarted items before a freeze. */
const TAKE_BACK_MS = 20

/** Pauses before the second and third start; after the third failure in a row the thread is broken. */
const START_PAUSES_MS = [500, 1000]

export interface ThreadOptions extends HostOptions {
  readonly report: (report: ThreadReport) => void
}

type State =
  | 'off'
  /** For room at the gate, for the next start, or (frozen without a process) for the thaw. */
  | 'waiting'
  | 'starting'
  | 'ready'
  | 'stopping'
  | 'stopped'
  | 'broken'

export class Thread {
  readonly #options: ThreadOptions
  readonly #timeout = new Countdown(() => this.#timedOut())
  readonly #grace = new Countdown(() => this.#graceOver())
  #state: State = 'off'
  #host: HostProcess | undefined
  #flight: Flight | undefined
  /** The batch the host knows. */
  #known: Chunk['batch'] | undefined
  #freeze: 'no' | 'taking' | 'yes' = 'no'
  #freezeTimer: NodeJS.Timeout | undefined
  #isHeld = false
  /** The whole chunk is being interrupted. */
  #isInterrupted = false
  /** The worker was told to end at once; the next thing is to kill the host. */
  #isLastWarning = false
  /** Starts that failed, or idle hosts that died, in a row. */
  #failures = 0
  #leaveGate: () => void = () => {}
  #startTimer: NodeJS.Timeout | undefined
  #stopped: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined

  constructor(options: ThreadOptions) {
    this.#options = options
  }

  /** Of the host, also the number of its process group; undefined while there is none. */
  get pid(): number | undefined {
    return this.#host?.pid
  }

  /** Reports `thread.ready`, or after three failures in a row `thread.broken`. Starts a stopped or broken thread again. */
  start(): void {
    if (this.#state !== 'off' && this.#state !== 'stopped' && this.#state !== 'broken') return
    this.#failures = 0
    this.#stopped = undefined
    this.#begin()
  }

  /** Hands a chunk over. Only when the thread is ready, free and not frozen: anything else is a bug of the caller. */
  run(chunk: Chunk): void {
    if (this.#state !== 'ready' || this.#flight || this.#freeze !== 'no') {
      throw new Error(`thread ${this.#options.number} cannot take a chunk: ${this.#state}, freeze ${this.#freeze}`)
    }
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

  /** Stops the whole process group, whatever it does; unstarted items come back before, within 20 ms, or after the thaw. */
  freeze(): void {
    if (this.#freeze !== 'no' || this.#isEnding()) return
    if (this.#host && this.#flight) {
      this.#freeze = 'taking'
      this.takeBack()
      this.#freezeTimer = setTimeout(() => this.#stand(), TAKE_BACK_MS)
    } else {
      this.#stand()
    }
  }

  thaw(): void {
    if (this.#freeze === 'no') return
    if (this.#freeze === 'taking') {
      clearTimeout(this.#freezeTimer)
      this.#report({ type: 'thread.frozen', thread: this.#options.number })
    }
    this.#freeze = 'no'
    this.#goOn()
    if (this.#state === 'waiting' && !this.#host) this.#begin()
    this.#host?.send({ do: 'hold', isOn: this.#isHeld })
    this.#report({ type: 'thread.thawed', thread: this.#options.number })
  }

  /**
   * Ends the attempt at this place if it is the one that runs: abort signal, 5 s of grace if the task can hear it, then its worker is
   * terminated. Reported as `items.ended` with this reason. A frozen thread goes on for it, is given no grace, and freezes again.
   */
  end(place: number, reason: Reason, isNow: boolean): void {
    this.#end(place, reason, isNow, false)
  }

  /** Takes the rest back and ends what runs as `end` does, but reports it as `items.interrupted`. */
  interrupt(): void {
    if (!this.#flight || this.#isEnding()) return
    this.#isInterrupted = true
    this.#askToEnd(undefined, 'stop', this.#freeze === 'yes')
  }

  /** Ends the host: by message when it is free, else TERM (and CONT); KILL after the grace. Resolves when it is gone. */
  stop(): Promise<void> {
    if (this.#stopped) return this.#stopped.promise
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#stopped = { promise, resolve }
    clearTimeout(this.#startTimer)
    this.#leaveGate()
    if (!this.#host) {
      this.#hasStopped()
      return promise
    }
    const isFree = this.#state === 'ready' && !this.#flight && this.#freeze === 'no'
    this.#state = 'stopping'
    clearTimeout(this.#freezeTimer)
    this.#timeout.stop()
    if (isFree) this.#host.send({ do: 'stop' })
    else this.#host.signal('SIGTERM')
    this.#host.signal('SIGCONT')
    this.#grace.stop()
    this.#grace.start(GRACE_MS)
    return promise
  }

  /** KILL of the group at once. Without `stop` before it the thread is lost and replaced. */
  kill(): void {
    this.#host?.signal('SIGKILL')
  }

  // ---- the process -----------------------------------------------------------------------------------------------------------

  #begin(): void {
    this.#state = 'waiting'
    // Frozen without a process: nothing starts before the thaw.
    if (this.#freeze === 'yes') return
    this.#leaveGate = startGate.enter(() => {
      this.#state = 'starting'
      this.#known = undefined
      this.#host = new HostProcess(this.#options, {
        heard: (message) => this.#heard(message),
        gone: (how, code) => this.#gone(how, code),
      })
    })
  }

  #heard(message: FromHost): void {
    const flight = this.#flight
    switch (message.is) {
      case 'ready':
        this.#leaveGate()
        if (this.#state !== 'starting') return
        this.#state = 'ready'
        if (this.#isHeld) this.#host?.send({ do: 'hold', isOn: true })
        this.#report({ type: 'thread.ready', thread: this.#options.number, pid: this.#host?.pid ?? 0 })
        return
      case 'results':
        if (flight?.chunk.id !== message.chunk) return
        this.#reportAll(flight.results(message.results))
        if (message.isEnd) this.#chunkEnded(flight)
        else this.#nextItem(flight)
        return
      case 'taken':
        if (flight?.chunk.id === message.chunk) this.#reportAll(flight.taken(message.places))
        if (this.#freeze === 'taking') this.#stand()
        return
      case 'progress':
        if (flight?.chunk.id === message.chunk) this.#progressed(message)
        return
      default:
        assertNever(message)
    }
  }

  #progressed({ chunk, place, fraction, note, log }: Extract<FromHost, { is: 'progress' }>): void {
    this.#report({
      type: 'item.progressed',
      thread: this.#options.number,
      chunk,
      place,
      ...(fraction === undefined ? {} : { fraction }),
      ...(note === undefined ? {} : { note }),
      ...(log === undefined ? {} : { log: logRef(log) }),
    })
  }

  #gone(how: string, code: string | undefined): void {
    const wasStarting = this.#state === 'starting'
    this.#leaveGate()
    this.#host = undefined
    this.#timeout.stop()
    this.#grace.stop()
    const flight = this.#flight
    if (this.#state === 'stopping') {
      this.#hasStopped()
      return
    }
    const reason: Reason = { kind: 'lost', message: `host died: ${how}`, ...(code === undefined ? {} : { code }) }
    // A host that dies under an item is the item's doing; one that dies by itself again and again is not worth a new start.
    this.#failures = flight ? 0 : this.#failures + 1
    if (!wasStarting) this.#lost(reason)
    if (this.#freeze === 'taking') this.#stand()
    const pause = wasStarting ? START_PAUSES_MS[this.#failures - 1] : 0
    if (pause === undefined || this.#failures > START_PAUSES_MS.length) {
      this.#state = 'broken'
      this.#report({ type: 'thread.broken', thread: this.#options.number, reason })
      return
    }
    this.#state = 'waiting'
    this.#startTimer = setTimeout(() => this.#begin(), pause)
  }

  #lost(reason: Reason): void {
    const flight = this.#flight
    this.#flight = undefined
    const thread = this.#options.number
    if (!flight) {
      this.#report({ type: 'thread.lost', thread, reason, orphaned: [] })
      return
    }
    if (this.#isInterrupted) this.#reportAll(flight.interrupted(flight.open.slice(0, 1)))
    const { reports, running, orphaned } = flight.lost()
    this.#reportAll(reports)
    this.#isInterrupted = false
    const chunk = flight.chunk.id
    this.#report({
      type: 'thread.lost',
      thread,
      reason,
      chunk,
      ...(running === undefined ? {} : { running }),
      orphaned,
    })
  }

  #hasStopped(): void {
    const flight = this.#flight
    if (flight) {
      const [running, ...rest] = flight.open
      this.#reportAll(flight.interrupted(running === undefined ? [] : [running]))
      this.#reportAll(flight.taken(rest))
      this.#chunkEnded(flight)
    }
    this.#state = 'stopped'
    this.#freeze = 'no'
    this.#report({ type: 'thread.stopped', thread: this.#options.number })
    this.#stopped?.resolve()
  }

  // ---- the chunk -------------------------------------------------------------------------------------------------------------

  #nextItem(flight: Flight): void {
    if (this.#state === 'stopping') return
    if (!flight.ending && !this.#isInterrupted) this.#stopGrace()
    const { timeout } = flight.chunk.batch
    if (timeout !== undefined) this.#timeout.start(timeout)
  }

  #chunkEnded(flight: Flight): void {
    this.#flight = undefined
    this.#failures = 0
    this.#isInterrupted = false
    this.#timeout.stop()
    if (this.#state !== 'stopping') this.#stopGrace()
    // It went on only to end its item.
    if (this.#freeze === 'yes') this.#host?.signal('SIGSTOP')
    this.#report({ type: 'chunk.ended', thread: this.#options.number, chunk: flight.chunk.id })
  }

  #timedOut(): void {
    const flight = this.#flight
    if (flight?.running === undefined) return
    const message = `took longer than ${timeText(flight.chunk.batch.timeout ?? 0)}`
    this.#end(flight.running, { kind: 'timeout', message }, false, true)
  }

  #end(place: number, reason: Reason, isNow: boolean, isRetryable: boolean): void {
    const flight = this.#flight
    if (flight?.running !== place || this.#isEnding()) return
    const isFirst = flight.ending === undefined
    // Who asked first has given the reason; a second wish can only hurry.
    if (isFirst) flight.end({ place, reason, isRetryable })
    else if (!isNow) return
    this.#askToEnd(place, reason.kind === 'timeout' ? 'timeout' : 'user', isNow || this.#freeze === 'yes')
  }

  #askToEnd(place: number | undefined, why: 'timeout' | 'user' | 'stop', isNow: boolean): void {
    const chunk = this.#flight?.chunk.id ?? 0
    this.#host?.send({ do: 'end', chunk, ...(place === undefined ? {} : { place }), why, isNow })
    // The message is in its pipe before it goes on: the worker has no more than a moment.
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
    this.#askToEnd(this.#isInterrupted ? undefined : flight.ending?.place, 'stop', true)
  }

  #stopGrace(): void {
    this.#isLastWarning = false
    this.#grace.stop()
  }

  // ---- freeze ----------------------------------------------------------------------------------------------------------------

  #stand(): void {
    clearTimeout(this.#freezeTimer)
    this.#freeze = 'yes'
    // Others must not wait for a start that stands still.
    this.#leaveGate()
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
    if (this.#state === 'ready' && this.#freeze !== 'yes') this.#host?.send({ do: 'hold', isOn })
  }

  #isEnding(): boolean {
    return this.#state === 'stopping' || this.#state === 'stopped' || this.#state === 'broken'
  }

  #report(report: ThreadReport): void {
    this.#options.report(report)
  }

  #reportAll(reports: readonly ThreadReport[]): void {
    for (const report of reports) this.#report(report)
  }
}
