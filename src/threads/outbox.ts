/**
 * Messages of a host to its supervisor. One is sent at once when the channel is idle; what comes while it is on its way goes together
 * in the next: a dead host takes next to nothing with it, and a busy one sends few large messages.
 */
import type { OutputsNote } from './item-outputs.ts'
import type { FromHost } from './wire.ts'

export class Outbox {
  #waiting: (FromHost | OutputsNote)[] = []
  #isSending = false
  #isClosed = false
  #drained: (() => void) | undefined

  put(message: FromHost | OutputsNote): void {
    if (this.#isClosed) return
    this.#waiting.push(message)
    if (!this.#isSending) this.#send()
  }

  /** Takes nothing more; resolves when everything is on its way. */
  close(): Promise<void> {
    this.#isClosed = true
    return this.drained()
  }

  /** Resolves when everything is on its way. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isSending) this.#drained = resolve
      else resolve()
    })
  }

  #send(): void {
    if (!process.connected) return
    const messages = this.#waiting
    this.#waiting = []
    this.#isSending = true
    process.send?.(messages, undefined, undefined, () => {
      this.#isSending = false
      if (this.#waiting.length > 0) this.#send()
      else this.#drained?.()
    })
  }
}
