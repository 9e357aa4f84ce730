/** Items a minute over the last two minutes, from counts seen now and then. */
import type { WallTime } from '../model/units.ts'

const WINDOW_MS = 120_000
const EVERY_MS = 1000

/** A shorter stretch than this says nothing about a minute. */
const LEAST_MS = 5000

export class RateMeter {
  readonly #seen: { readonly at: WallTime; readonly ended: number }[] = []

  /** Notes how many items have ended by now. */
  observe(ended: number, at: WallTime): void {
    const last = this.#seen.at(-1)
    if (last && at - last.at < EVERY_MS) return
    this.#seen.push({ at, ended })
    while (at - (this.#seen[0]?.at ?? at) > WINDOW_MS) this.#seen.shift()
  }

  /** Undefined while too little was seen. */
  perMinute(): number | undefined {
    const first = this.#seen[0]
    const last = this.#seen.at(-1)
    if (!first || !last || last.at - first.at < LEAST_MS) return undefined
    // A retry takes ends back.
    return (Math.max(0, last.ended - first.ended) / (last.at - first.at)) * 60_000
  }
}
