/** Durable numbers on their way from a socket to `followEvents`: only the latest is kept, however slow the reader is. */

export class Wake implements AsyncIterable<number> {
  #latest: number | undefined
  #isEnded = false
  #resume: (() => void) | undefined

  push(seq: number): void {
    this.#latest = seq
    this.#resume?.()
  }

  /** Nothing comes after this. */
  end(): void {
    this.#isEnded = true
    this.#resume?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    for (;;) {
      if (this.#latest !== undefined) {
        const seq = this.#latest
        this.#latest = undefined
        yield seq
      } else if (this.#isEnded) return
      else {
        const { promise, resolve } = Promise.withResolvers<void>()
        this.#resume = resolve
        await promise
        this.#resume = undefined
      }
    }
  }
}
