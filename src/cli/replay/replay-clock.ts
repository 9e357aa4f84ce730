/**
 * The time of a replay: which moment of the run is shown at a moment of ours. Ours are milliseconds of a clock that never jumps, always an
 * argument. Called by replay-feed.ts only.
 */
import type { Millis, WallTime } from '../../model/units.ts'
import { millis, wallTime } from '../../model/units.ts'

export const SLOWEST = 0.1
export const FASTEST = 10_000

const SPEEDS = [
  0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000,
] as const satisfies readonly number[]

/** The longest that nothing happens on the screen. */
const LONGEST_MS = 5000

export class ReplayClock {
  speed: number
  isPaused = false
  /** The moment of the run that belongs to `#since` of ours. */
  #base: WallTime
  #since: number
  /** How fast it really goes: `speed`, or faster through a silence. */
  #rate: number
  /** When the next thing happened: the shown time waits for it. */
  #limit: WallTime

  constructor(at: WallTime, real: number, speed: number) {
    this.speed = speed
    this.#rate = speed
    this.#base = at
    this.#since = real
    this.#limit = at
  }

  /** The moment that is shown. */
  now(real: number): WallTime {
    return wallTime(Math.min(this.target(real), this.#limit))
  }

  /** The moment up to which things have happened, and should be shown. */
  target(real: number): WallTime {
    return this.isPaused ? this.#base : wallTime(this.#base + (real - this.#since) * this.#rate)
  }

  /**
   * What comes next happened at `next`, and nothing since `from`, which has been reached. A long silence goes by faster.
   * @returns how long that silence is, where it is crossed at least twice as fast
   */
  expect(from: WallTime, next: WallTime): Millis | undefined {
    const reached = this.isPaused ? this.#since : this.#since + (from - this.#base) / this.#rate
    this.#limit = next
    this.#setOff(from, reached)
    return this.#rate >= 2 * this.speed ? millis(next - from) : undefined
  }

  /** Goes on from `at` now: whatever lies between is left out, or is made up for no more. */
  jump(at: WallTime, real: number): void {
    this.#limit = wallTime(Math.max(this.#limit, at))
    this.#setOff(at, real)
  }

  /** Time of ours that does not count: nobody was there to play. */
  skip(from: number, to: number): void {
    this.#since = Math.min(to, this.#since + to - from)
  }

  togglePause(real: number): void {
    const now = this.now(real)
    this.isPaused = !this.isPaused
    this.#setOff(now, real)
  }

  faster(real: number): void {
    this.#setSpeed(SPEEDS.find((speed) => speed > this.speed) ?? FASTEST, real)
  }

  slower(real: number): void {
    this.#setSpeed(SPEEDS.findLast((speed) => speed < this.speed) ?? SLOWEST, real)
  }

  #setSpeed(speed: number, real: number): void {
    const now = this.now(real)
    this.speed = speed
    this.#setOff(now, real)
  }

  #setOff(at: WallTime, real: number): void {
    this.#base = at
    this.#since = real
    this.#rate = Math.max(this.speed, (this.#limit - at) / LONGEST_MS)
  }
}
