/** Keeps a thread's process up: waits for room to start, tries again after a failed start, tells when it is ready and gone. */
import type { Reason } from '../model/reason.ts'

/** Pauses before the second and third start. */
const START_PAUSES_MS = [500, 1000]

/** What a process tells of its own life. */
export interface LifeEvents {
  /** It can take work. */
  readonly ready: () => void
  /** It is gone and all it said was heard. */
  readonly gone: (reason: Reason) => void
}

export interface KeeperOptions<Process> {
  readonly make: (life: LifeEvents) => Process
  /** Calls `start` as soon as there is room. @returns leaves the place again; may be called more than once */
  readonly enter: (start: () => void) => () => void
}

export interface KeeperEvents {
  readonly ready: (pid: number) => void
  /** `wasReady` false: it died while it started. */
  readonly gone: (reason: Reason, wasReady: boolean) => void
}

export class Keeper<Process extends { readonly pid: number | undefined }> {
  readonly #options: KeeperOptions<Process>
  readonly #events: KeeperEvents
  #process: Process | undefined
  #isReady = false
  #isRetired = false
  /** Failed starts, or deaths without work, in a row. */
  #failures = 0
  #leaveGate: () => void = () => {}
  #timer: NodeJS.Timeout | undefined

  constructor(options: KeeperOptions<Process>, events: KeeperEvents) {
    this.#options = options
    this.#events = events
  }

  get process(): Process | undefined {
    return this.#process
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** Starts a process as soon as there is room. */
  begin(): void {
    this.#leaveGate = this.#options.enter(() => {
      try {
        this.#process = this.#options.make({
          ready: () => this.#ready(),
          gone: (reason) => this.#gone(reason),
        })
      } catch (error) {
        // No memory for a process, no room for its files: that may pass, and is nobody else's trouble.
        const message = `it could not be started: ${error instanceof Error ? error.message : String(error)}`
        this.#timer = setTimeout(() => this.#gone({ kind: 'lost', message }))
      }
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

  #ready(): void {
    this.#leaveGate()
    this.#isReady = true
    this.#events.ready(this.#process?.pid ?? 0)
  }

  #gone(reason: Reason): void {
    const wasReady = this.#isReady
    this.#leaveGate()
    this.#process = undefined
    this.#isReady = false
    this.#failures = this.#isRetired ? 0 : this.#failures + 1
    this.#isRetired = false
    this.#events.gone(reason, wasReady)
  }
}
