/** Keeps a host process up for a thread: waits for room to start, tries again after a failed start, tells when it is ready and gone. */
import type { Reason } from '../model/reason.ts'
import type { HostOptions } from './host-process.ts'
import { HostProcess } from './host-process.ts'
import { startGate } from './start-gate.ts'
import type { FromHost } from './wire.ts'

/** Pauses before the second and third start. */
const START_PAUSES_MS = [500, 1000]

export interface KeeperEvents {
  readonly ready: (pid: number) => void
  readonly heard: (message: Exclude<FromHost, { is: 'ready' }>) => void
  /** The process is gone and all it said was heard. `wasReady` false: it died while it started. */
  readonly gone: (reason: Reason, wasReady: boolean) => void
}

export class HostKeeper {
  readonly #options: HostOptions
  readonly #events: KeeperEvents
  #host: HostProcess | undefined
  #isReady = false
  #isRetired = false
  /** Failed starts, or deaths without work, in a row. */
  #failures = 0
  #leaveGate: () => void = () => {}
  #timer: NodeJS.Timeout | undefined

  constructor(options: HostOptions, events: KeeperEvents) {
    this.#options = options
    this.#events = events
  }

  get host(): HostProcess | undefined {
    return this.#host
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** Starts a process as soon as there is room. */
  begin(): void {
    this.#leaveGate = startGate.enter(() => {
      this.#host = new HostProcess(this.#options, {
        heard: (message) => this.#heard(message),
        gone: (reason) => this.#gone(reason),
      })
    })
  }

  /**
   * Starts the next process after one is gone.
   * @returns false, and starts none, after three failures in a row
   */
  replace(): boolean {
    if (this.#failures > START_PAUSES_MS.length) return false
    const pause = this.#failures === 0 ? 0 : (START_PAUSES_MS[this.#failures - 1] ?? 0)
    this.#timer = setTimeout(() => this.begin(), pause)
    return true
  }

  /** The process has done work: what happens to it from now on is not a failure to start. */
  proved(): void {
    this.#failures = 0
  }

  /** The process takes no more work: it is being told to go, and its end is no failure. */
  retire(): void {
    this.#isReady = false
    this.#isRetired = true
  }

  /** A start that stands still must not keep others waiting. */
  leaveGate(): void {
    this.#leaveGate()
  }

  /** No process is to be started any more. */
  cancel(): void {
    clearTimeout(this.#timer)
    this.#leaveGate()
  }

  #heard(message: FromHost): void {
    if (message.is !== 'ready') {
      this.#events.heard(message)
      return
    }
    this.#leaveGate()
    this.#isReady = true
    this.#events.ready(this.#host?.pid ?? 0)
  }

  #gone(reason: Reason): void {
    const wasReady = this.#isReady
    this.#leaveGate()
    this.#host = undefined
    this.#isReady = false
    this.#failures = this.#isRetired ? 0 : this.#failures + 1
    this.#isRetired = false
    this.#events.gone(reason, wasReady)
  }
}
