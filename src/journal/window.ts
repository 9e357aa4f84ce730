/** A piece of a growing file, read ahead and taken bit by bit. */
import type { FileHandle } from 'node:fs/promises'

const CHUNK = 256 * 2 ** 10

export class Window {
  /** Where in the file the untaken bytes start. */
  offset = 0
  /** What was read: `start` to `end` of it are the untaken bytes. Valid until the next read. */
  bytes = Buffer.alloc(0)
  start = 0
  end = 0
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** Untaken bytes that were read already. */
  get ahead(): number {
    return this.end - this.start
  }

  /** Reads on until so many untaken bytes are there, or the file has no more. */
  async reach(count: number): Promise<boolean> {
    while (this.ahead < count) {
      this.#makeRoom(count)
      const from = this.offset + this.ahead
      const { bytesRead } = await this.#handle.read(this.bytes, this.end, this.bytes.length - this.end, from)
      if (bytesRead === 0) return false
      this.end += bytesRead
    }
    return true
  }

  /** Moves the start behind this many bytes. */
  take(count: number): void {
    this.start += count
    this.offset += count
  }

  /** Drops what was read ahead, so that it is read again. Returns undefined, for callers that found nothing. */
  forget(): undefined {
    this.start = 0
    this.end = 0
  }

  /** Bytes of the file from the start on, as of now. */
  async left(): Promise<number> {
    return (await this.#handle.stat()).size - this.offset
  }

  /** A copy of the next bytes, read from the file. */
  async peek(count: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(count)
    const { bytesRead } = await this.#handle.read(bytes, 0, count, this.offset)
    return bytes.subarray(0, bytesRead)
  }

  #makeRoom(needed: number): void {
    if (this.bytes.length - this.start >= needed && this.end < this.bytes.length) return
    const size = Math.max(needed, CHUNK)
    const room = this.bytes.length >= size ? this.bytes : Buffer.allocUnsafe(size)
    this.bytes.copy(room, 0, this.start, this.end)
    this.bytes = room
    this.end -= this.start
    this.start = 0
  }
}
