/**
 * How what runs on a thread is made to end: its timeout, wishes to end it, the grace it gets, and the kill when nothing else helps. Its
 * clocks stand still while the thread does. Called by host-thread.ts and shell-thread.ts.
 */
import type { Reason } from '../model/reason.ts'
import { Countdown } from './countdown.ts'
import type { Ending, Flight } from './flight.ts'
import type { EndWhy, ToHost } from './wire.ts'
import { timeText } from './words.ts'

/** How long an attempt that can hear its abort signal has to end, and a host to go. */
const GRACE_MS = 5000

/** The same where its memory is needed. */
const EVICT_GRACE_MS = 500

/** How long a host has to end itself when memory is needed, before it is killed. */
const EVICT_LAST_MS = 2000

const EVICTED: Reason = { kind: 'memory', message: 'its memory was needed' }

export interface EndingsOf {
  /** What may be ended now. */
  readonly flight: () => Flight | undefined
  readonly isFrozen: () => boolean
  /** True: what is frozen goes on to hear that it is to end. False: it is ended where it stands. */
  readonly hasGraceFrozen: boolean
  /** What stands frozen or held goes on, to end. */
  readonly goOn: () => void
  readonly send: (message: ToHost) => void
  readonly kill: () => void
}

export class Endings {
  readonly #of: EndingsOf
  readonly #timeout = new Countdown(() => this.#timedOut())
  readonly #grace = new Countdown(() => this.#graceOver())
  /** The worker was told to end at once, or the host to go; the next thing is to kill the host. */
  #isLastWarning = false

  constructor(of: EndingsOf) {
    this.#of = of
  }

  /** An item begins, if one is left. */
  begin(flight: Flight): void {
    // It ended as it was asked to: collecting what it left takes its time.
    if (flight.isEvicted && flight.running === undefined) this.leave()
    if (flight.ending || flight.isInterrupted) return
    this.#stopGrace()
    if (flight.chunk.batch.timeout !== undefined) this.#timeout.start(flight.chunk.batch.timeout)
  }

  /** Nothing runs. */
  clear(): void {
    this.#timeout.stop()
    this.#stopGrace()
  }

  /** The host has been told to go. */
  leave(): void {
    this.#timeout.stop()
    this.#isLastWarning = true
    this.#grace.start(GRACE_MS)
  }

  freeze(): void {
    this.#timeout.freeze()
    this.#grace.freeze()
  }

  thaw(): void {
    this.#timeout.thaw()
    this.#grace.thaw()
  }

  end(ending: Ending, why: EndWhy, isNow: boolean): void {
    const flight = this.#of.flight()
    if (flight?.running !== ending.place) return
    // Who asked first has given the reason; a second wish can only hurry.
    if (!flight.ending) flight.ending = ending
    else if (!isNow) return
    this.#ask(flight, why, isNow)
  }

  interrupt(): void {
    const flight = this.#of.flight()
    // Asking again must not begin its grace anew; one that was frozen meanwhile has to go on for it.
    if (!flight || (flight.isInterrupted && !this.#of.isFrozen())) return
    flight.isInterrupted = true
    this.#ask(flight, flight.isEvicted ? 'memory' : 'stop', false)
  }

  evict(isNow: boolean): void {
    const flight = this.#of.flight()
    if (!flight) return
    flight.lostFor ??= EVICTED
    if (isNow) {
      this.#kill(flight)
      return
    }
    if (flight.isEvicted && !this.#of.isFrozen()) return
    flight.isEvicted = true
    flight.isInterrupted = true
    this.#ask(flight, 'memory', false)
  }

  fail(place: number, reason: Reason): void {
    const flight = this.#of.flight()
    if (flight?.running !== place) return
    if (!flight.isInterrupted) flight.ending ??= { place, reason, isRetryable: true }
    flight.lostFor = reason
    this.#kill(flight)
  }

  /** An item that begins before the process is dead has nothing to do with it: it counts as interrupted. */
  #kill(flight: Flight): void {
    flight.isKilled = true
    flight.isInterrupted = true
    this.#of.kill()
  }

  #timedOut(): void {
    const flight = this.#of.flight()
    if (flight?.running === undefined) return
    const message = `took longer than ${timeText(flight.chunk.batch.timeout ?? 0)}`
    this.end({ place: flight.running, reason: { kind: 'timeout', message }, isRetryable: true }, 'timeout', false)
  }

  /** A task that stands frozen has no grace: it goes on for no more than a moment. */
  #ask(flight: Flight, why: EndWhy, isNow: boolean): void {
    const isLast = isNow || (this.#of.isFrozen() && !this.#of.hasGraceFrozen)
    const place = flight.isInterrupted ? undefined : flight.ending?.place
    this.#of.send({ do: 'end', chunk: flight.chunk.id, ...(place === undefined ? {} : { place }), why, isNow: isLast })
    // A chunk of which nothing runs may be over by now.
    if (this.#of.flight() !== flight) return
    // The message is in its pipe before it goes on.
    this.#of.goOn()
    this.#isLastWarning = isLast
    this.#timeout.stop()
    this.#grace.start(graceOf(flight, isLast))
  }

  #graceOver(): void {
    const flight = this.#of.flight()
    if (flight && !this.#isLastWarning) this.#ask(flight, flight.isEvicted ? 'memory' : 'stop', true)
    // Not even its host's loop answers.
    else if (flight?.isEvicted) this.#kill(flight)
    else this.#of.kill()
  }

  #stopGrace(): void {
    this.#isLastWarning = false
    this.#grace.stop()
  }
}

function graceOf({ isEvicted }: Flight, isLast: boolean): number {
  if (!isEvicted) return GRACE_MS
  return isLast ? EVICT_LAST_MS : EVICT_GRACE_MS
}
