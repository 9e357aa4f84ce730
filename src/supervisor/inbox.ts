/**
 * One queue for everything that reaches the supervisor: reports, commands, commits, samples, signals. Each is handled to its end before the
 * next, also when handling one brings another, so the order of the inbox is the order of the journal.
 */
export class Inbox<Input> {
  readonly #handle: (input: Input) => void
  readonly #queue: Input[] = []
  #isHandling = false

  constructor(handle: (input: Input) => void) {
    this.#handle = handle
  }

  post(input: Input): void {
    this.#queue.push(input)
    if (this.#isHandling) return
    this.#isHandling = true
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) this.#handle(next)
    } finally {
      this.#isHandling = false
    }
  }
}
