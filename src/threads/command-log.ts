/**
 * The packed log of a thread's commands. They write to it themselves, through a descriptor their shell gives them, so output passes nobody
 * and stands there in order; here is only measured what each of them wrote, and cut what is too much.
 */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { cutMark, MAX_FILE, newestFile, packedFile } from './logs.ts'
import type { WireLog } from './wire.ts'

export class CommandLog {
  readonly #folder: string
  readonly #thread: number
  #file: number
  #descriptor: number
  #start = 0
  #limit = Number.POSITIVE_INFINITY
  #isCut = false

  constructor(folder: string, thread: number) {
    this.#folder = folder
    this.#thread = thread
    this.#file = newestFile(folder, thread)
    this.#descriptor = this.#open()
  }

  /** To be given to the shell. */
  get descriptor(): number {
    return this.#descriptor
  }

  /**
   * A new item begins.
   * @param limit most bytes kept of it
   * @returns the path of the file from now on, where it is another than before: the shell must be told
   */
  begin(limit: number): string | undefined {
    this.#limit = limit
    this.#isCut = false
    this.#start = this.#size()
    if (this.#start < MAX_FILE) return undefined
    this.close()
    this.#file++
    this.#descriptor = this.#open()
    this.#start = this.#size()
    return packedFile(this.#folder, this.#thread, this.#file)
  }

  /** What the running item has written so far; beyond the limit nothing stays. */
  look(): WireLog | undefined {
    return this.#kept(this.#written())
  }

  /** The item has ended. @param last what others have said behind it: where that is how it ends, it is cut off */
  end(last?: string): WireLog | undefined {
    const length = last === undefined ? this.#written() : this.#without(last, this.#written())
    if (!this.#isCut) return this.#kept(length)
    const mark = Buffer.from(cutMark(this.#limit))
    try {
      writeSync(this.#descriptor, mark)
    } catch {
      return this.#kept(length)
    }
    return this.#kept(length + mark.length)
  }

  close(): void {
    closeSync(this.#descriptor)
  }

  #kept(length: number): WireLog | undefined {
    return length > 0 ? [this.#file, this.#start, length] : undefined
  }

  /** Who goes on writing appends at the new end. */
  #written(): number {
    const length = this.#size() - this.#start
    if (length <= this.#limit) return Math.max(0, length)
    this.#isCut = true
    try {
      ftruncateSync(this.#descriptor, this.#start + this.#limit)
    } catch {
      // A disk that does not even take this: what is shown is cut all the same.
    }
    return this.#limit
  }

  #without(last: string, length: number): number {
    const rest = length - last.length
    try {
      if (rest < 0 || this.#isCut || this.#tail(last.length, this.#start + rest) !== last) return length
      ftruncateSync(this.#descriptor, this.#start + rest)
      return rest
    } catch {
      return length
    }
  }

  #tail(length: number, from: number): string {
    const bytes = Buffer.alloc(length)
    const file = openSync(packedFile(this.#folder, this.#thread, this.#file), 'r')
    try {
      return bytes.toString('latin1', 0, readSync(file, bytes, 0, length, from))
    } finally {
      closeSync(file)
    }
  }

  /** Output is a help for people: a command runs also where its log cannot be written. */
  #open(): number {
    try {
      return openSync(packedFile(this.#folder, this.#thread, this.#file), 'a', 0o600)
    } catch {
      return openSync('/dev/null', 'a')
    }
  }

  #size(): number {
    try {
      return fstatSync(this.#descriptor).size
    } catch {
      return this.#start
    }
  }
}
