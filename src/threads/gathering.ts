/** Ends of items on their way to the supervisor: told at once where they are rare, and together where they come by the hundred. */
import type { Detail, WireResult } from './wire.ts'
import { isSuccessRun } from './wire.ts'

const GATHER_MS = 5

export class Gathering {
  readonly #tell: (results: readonly WireResult[]) => void
  #results: (Detail | number[])[] = []
  #isTimed = false

  constructor(tell: (results: readonly WireResult[]) => void) {
    this.#tell = tell
  }

  /** Plain successes in a row are one result. */
  add(detail: Detail): void {
    const { place, time = 0, value, log, leftover, failure } = detail
    const last = this.#results.at(-1)
    if (value !== undefined || log || leftover || failure) this.#results.push(detail)
    else if (last && isSuccessRun(last) && (last[0] ?? 0) + last.length - 1 === place) last.push(time)
    else this.#results.push([place, time])
    if (this.#isTimed) return
    this.#isTimed = true
    setTimeout(() => {
      this.#isTimed = false
      this.flush()
    }, GATHER_MS)
  }

  /** What has not been told yet: whoever takes it tells it. The timer goes on: another item is about to need it. */
  take(): readonly WireResult[] {
    const results = this.#results
    if (results.length > 0) this.#results = []
    return results
  }

  flush(): void {
    const results = this.take()
    if (results.length > 0) this.#tell(results)
  }
}
