/** Lets a few hosts start at once: each takes a core for 100 ms, and the first item should not wait for the last host. */
export class StartGate {
  readonly #width: number
  readonly #waiting: (() => void)[] = []
  #open = 0

  constructor(width: number) {
    this.#width = width
  }

  /**
   * Calls `begin` when there is room.
   * @returns what must be called once the start is over, or no longer wanted; calling it again does nothing
   */
  enter(begin: () => void): () => void {
    let state: 'waiting' | 'in' | 'left' = 'waiting'
    const go = (): void => {
      state = 'in'
      this.#open++
      begin()
    }
    const leave = (): void => {
      if (state === 'waiting') this.#waiting.splice(this.#waiting.indexOf(go), 1)
      if (state === 'in') {
        this.#open--
        this.#next()
      }
      state = 'left'
    }
    this.#waiting.push(go)
    this.#next()
    return leave
  }

  #next(): void {
    if (this.#open < this.#width) this.#waiting.shift()?.()
  }
}

/** The one all threads of this process share. */
export const startGate = new StartGate(2)
