/**
 * A deadline on the monotonic clock that stands still while its thread is frozen. When our own timer comes more than two seconds late
 * (the machine slept, a debugger held us) the time starts again: nothing is killed for a gap it could not help.
 */

/** A timer that is this late says that the whole process stood still. */
const GAP_MS = 2000

export class Countdown {
  readonly #due: () => void
  #length = 0
  #began = 0
  /** Time used up when it was stopped. */
  #used: number | undefined
  #isOn = false
  #timer: NodeJS.Timeout | undefined
  #planned = 0

  constructor(due: () => void) {
    this.#due = due
  }

  /** Begins (again) with the full length in ms. Cheap: a timer that is armed already is left alone and looks again when it fires. */
  start(length: number): void {
    this.#isOn = true
    this.#used = undefined
    this.#began = performance.now()
    if (length < this.#length) this.#disarm()
    this.#length = length
    if (!this.#timer) this.#arm(length)
  }

  stop(): void {
    this.#isOn = false
    this.#disarm()
  }

  /** Stands still. */
  freeze(): void {
    if (!this.#isOn || this.#used !== undefined) return
    this.#used = performance.now() - this.#began
    this.#disarm()
  }

  /** Goes on where it stood. */
  thaw(): void {
    if (!this.#isOn || this.#used === undefined) return
    this.#began = performance.now() - this.#used
    this.#used = undefined
    this.#arm(this.#left())
  }

  #left(): number {
    return this.#length - (performance.now() - this.#began)
  }

  #arm(ms: number): void {
    // Node's longest timer; it looks again when it fires.
    const wait = Math.min(Math.max(0, ms), 2 ** 31 - 1)
    this.#planned = performance.now() + wait
    this.#timer = setTimeout(() => {
      // After a look at the channels: a report that waits there may have ended the item in time.
      setImmediate(() => this.#fired())
    }, wait)
  }

  #disarm(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #fired(): void {
    this.#timer = undefined
    if (!this.#isOn || this.#used !== undefined) return
    if (performance.now() - this.#planned > GAP_MS) this.#began = performance.now()
    const left = this.#left()
    if (left > 0) {
      this.#arm(left)
      return
    }
    this.#isOn = false
    this.#due()
  }
}
