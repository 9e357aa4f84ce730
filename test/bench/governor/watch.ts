/** Looks 50 times a second at what a changing set of processes holds, and keeps the most. */
import { heldBy } from './held.ts'

const LOOK_MS = 20

export class Watch {
  readonly #pids: () => readonly number[]
  readonly #timer: NodeJS.Timeout
  #peak = 0

  /** @param pids asked at every look */
  constructor(pids: () => readonly number[]) {
    this.#pids = pids
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  /** @returns the most that all of them held together, in bytes */
  stop(): number {
    clearInterval(this.#timer)
    return this.#peak
  }

  #look(): void {
    const held = this.#pids().reduce((sum, pid) => sum + heldBy(pid), 0)
    this.#peak = Math.max(this.#peak, held)
  }
}
