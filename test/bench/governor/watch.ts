/** Looks 50 times a second at what a changing set of processes holds. */
import { heldBy, readText } from './held.ts'

const LOOK_MS = 20

export interface Watched {
  /** The most that all of them held together, in bytes. */
  readonly peakHeld: number
  /** The same in the mean of all looks. */
  readonly meanHeld: number
  /** The least that the system had left, in bytes. */
  readonly leastAvailable: number
}

export class Watch {
  readonly #pids: () => readonly number[]
  readonly #timer: NodeJS.Timeout
  #peak = 0
  #sum = 0
  #looks = 0
  #available = Number.POSITIVE_INFINITY

  /** @param pids asked at every look */
  constructor(pids: () => readonly number[]) {
    this.#pids = pids
    this.#timer = setInterval(() => this.#look(), LOOK_MS)
  }

  stop(): Watched {
    clearInterval(this.#timer)
    return { peakHeld: this.#peak, meanHeld: this.#sum / this.#looks, leastAvailable: this.#available }
  }

  #look(): void {
    const held = this.#pids().reduce((sum, pid) => sum + heldBy(pid), 0)
    this.#peak = Math.max(this.#peak, held)
    this.#sum += held
    this.#looks += 1
    const available = /^MemAvailable:\s+(\d+) kB$/m.exec(readText('/proc/meminfo'))?.[1]
    if (available !== undefined) this.#available = Math.min(this.#available, Number(available) * 1024)
  }
}
