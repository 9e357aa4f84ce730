/** Looks 50 times a second at what a changing set of processes holds. */
import { heldBy, readText } from './held.ts'

const LOOK_MS = 20

export interface Watched {
  /** The most that all of them held together, in bytes. */
  readonly peakHeld: number
  /** Who held what then, in bytes, the biggest first. */
  readonly partsAtPeak: readonly number[]
  /** When that was. */
  readonly peakAt: Date
  /** The same in the mean of all looks. */
  readonly meanHeld: number
  /** The least that the system had left, in bytes. */
  readonly leastAvailable: number
}

export class Watch {
  readonly #pids: () => readonly number[]
  readonly #timer: NodeJS.Timeout
  #peak = 0
  #parts: readonly number[] = []
  #peakAt = new Date()
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
    return {
      peakHeld: this.#peak,
      partsAtPeak: this.#parts.toSorted((one, other) => other - one),
      peakAt: this.#peakAt,
      meanHeld: this.#sum / this.#looks,
      leastAvailable: this.#available,
    }
  }

  #look(): void {
    const parts = this.#pids().map((pid) => heldBy(pid))
    const held = parts.reduce((sum, part) => sum + part, 0)
    if (held > this.#peak) {
      this.#peak = held
      this.#parts = parts
      this.#peakAt = new Date()
    }
    this.#sum += held
    this.#looks += 1
    const available = /^MemAvailable:\s+(\d+) kB$/m.exec(readText('/proc/meminfo'))?.[1]
    if (available !== undefined) this.#available = Math.min(this.#available, Number(available) * 1024)
  }
}

/** Such as `peak at 13:05:07.123Z: 332, 331, 229 MB`, to find it among the events of the run. */
export function tellPeak({ peakAt, partsAtPeak }: Watched): string {
  const parts = partsAtPeak.map((part) => Math.round(part / 2 ** 20)).join(', ')
  return `peak at ${peakAt.toISOString().slice(11)}: ${parts} MB`
}
