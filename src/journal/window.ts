/** A piece of a growing file, read ahead and taken bit by bit. */
import type { FileHandle } from 'node:fs/promises'

const CHUNK = 256 * 2 ** 10

export class Window {
  /** Where in the file the untaken bytes start. */
  offset = 0
  readonly #handle: FileHandle
  #buffer = Buffer.alloc(0)
  #start = 0
  #end = 0

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** The next line without its newline, as latin1; undefined where none of at most this many bytes is there. */
  async line(max: number): Promise<string | undefined> {
    await this.#fill(max)
    const end = this.#buffer.subarray(this.#start, Math.min(this.#end, this.#start + max)).indexOf(10)
    return end < 0 ? undefined : this.#buffer.toString('latin1', this.#start, this.#start + end)
  }

  /** Bytes from this far behind the start; undefined where the file does not hold them (yet). Valid until the next call. */
  async bytes(from: number, count: number): Promise<Buffer | undefined> {
    const needed = from + count
    // Asks for the file's size first: a damaged count must not make us take that much memory.
    if (needed > this.#end - this.#start && needed > (await this.left())) return undefined
    if (!(await this.#fill(needed))) return undefined
    return this.#buffer.subarray(this.#start + from, this.#start + needed)
  }

  /** Moves the start behind this many bytes. */
  take(count: number): void {
    this.#start += count
    this.offset += count
  }

  /** Drops what was read ahead, so that it is read again. Returns undefined, for callers that found nothing. */
  forget(): undefined {
    this.#start = 0
    this.#end = 0
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

  async #fill(needed: number): Promise<boolean> {
    while (this.#end - this.#start < needed) {
      this.#makeRoom(needed)
      const from = this.offset + this.#end - this.#start
      const { bytesRead } = await this.#handle.read(this.#buffer, this.#end, this.#buffer.length - this.#end, from)
      if (bytesRead === 0) return false
      this.#end += bytesRead
    }
    return true
  }

  #makeRoom(needed: number): void {
    if (this.#buffer.length - this.#start >= needed && this.#end < this.#buffer.length) return
    const size = Math.max(needed, CHUNK)
    const room = this.#buffer.length >= size ? this.#buffer : Buffer.allocUnsafe(size)
    this.#buffer.copy(room, 0, this.#start, this.#end)
    this.#buffer = room
    this.#end -= this.#start
    this.#start = 0
  }
}
