/** Where lines go: waits while nobody reads, and stops for good where nobody ever will again. */
import type { Writable } from 'node:stream'

export interface Sink {
  /** Resolves once there is room for more; does nothing after the reader is gone. */
  readonly write: (text: string | Uint8Array) => Promise<void>
  readonly isBroken: () => boolean
}

/** @param broken called once when the reader has gone away (EPIPE) */
export function createSink(stream: Writable, broken: () => void = () => undefined): Sink {
  let isBroken = false
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!isGone(error)) throw error
    if (isBroken) return
    isBroken = true
    broken()
  })
  return {
    isBroken: () => isBroken,
    write: async (text) => {
      if (isBroken || stream.write(text)) return
      await room(stream)
    },
  }
}

function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED' || code === 'EIO'
}

async function room(stream: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  for (const event of ['drain', 'error', 'close']) stream.once(event, resolve)
  await promise
  for (const event of ['drain', 'error', 'close']) stream.off(event, resolve)
}
