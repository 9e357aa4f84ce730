/**
 * Packed logs: what the items of a thread write, one after another, in `logs/t<thread>-<n>.log` of the run's folder. (A file an item
 * would be a million inodes.) The worker writes synchronously: output of a synchronous loop is on disk in order, stays when the
 * process dies under the item, and a loop that only writes is slowed by the disk and not by our memory.
 */
import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, writeSync } from 'node:fs'
import { open, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogRef } from '../model/event.ts'
import type { ThreadNumber } from '../model/ids.ts'
import { DEFAULT_LOG_LIMIT } from '../model/plan.ts'
import { sizeText } from '../model/size-text.ts'
import type { WireLog } from './wire.ts'

/** A file that has reached this size gets no further item. */
export const MAX_FILE = 64 * 2 ** 20

/** What stands in the log where output was cut: behind the first `limit` bytes of an attempt. */
export const cutMark = (limit: number): string => `\n[batchtop: output beyond ${sizeText(limit)} is not kept]\n`

export const logFolder = (folder: string): string => join(folder, 'logs')

/** What the host process itself says, such as V8's last words. */
export const hostLogFile = (folder: string, thread: number): string => join(logFolder(folder), `t${thread}-host.log`)

export const packedFile = (folder: string, thread: number, file: number): string =>
  join(logFolder(folder), `t${thread}-${file}.log`)

/** Reads what an attempt wrote. A part that is not there (the disk was full, the file is gone) is left out. */
export async function readLog(folder: string, thread: ThreadNumber, { file, offset, length }: LogRef): Promise<Buffer> {
  const handle = await open(packedFile(folder, thread, file))
  try {
    const text = Buffer.alloc(length)
    const { bytesRead } = await handle.read(text, 0, length, offset)
    return text.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/**
 * Before a recovered run writes logs: a power cut may have made files shorter than places in them that are known, and what is appended
 * would stand where something else is said to be. Every thread goes on in a file of its own.
 */
export async function beginLogs(folder: string): Promise<void> {
  const newest = new Map<number, number>()
  for (const name of await readdir(logFolder(folder)).catch(() => [])) {
    const [, thread, file] = /^t(\d+)-(\d+)\.log$/.exec(name) ?? []
    if (thread !== undefined) newest.set(Number(thread), Math.max(newest.get(Number(thread)) ?? 0, Number(file)))
  }
  for (const [thread, file] of newest) await writeFile(packedFile(folder, thread, file + 1), '', { mode: 0o600 })
}

/** Number of the file a thread goes on in; its folder is made. */
export function newestFile(folder: string, thread: number): number {
  mkdirSync(logFolder(folder), { recursive: true, mode: 0o700 })
  const name = new RegExp(`^t${thread}-(\\d+)\\.log$`)
  return Math.max(1, ...readdirSync(logFolder(folder)).map((file) => Number(name.exec(file)?.[1] ?? 0)))
}

/** Writes a thread's packed logs. Only one writer a thread at a time. */
export class LogWriter {
  readonly #folder: string
  readonly #thread: number
  #descriptor: number | undefined
  #file = 0
  #size = 0
  #start = 0
  #limit: number = DEFAULT_LOG_LIMIT
  #isCut = false

  constructor(folder: string, thread: number) {
    this.#folder = folder
    this.#thread = thread
  }

  /** A new item begins. @param limit most bytes kept of it */
  begin(limit: number = DEFAULT_LOG_LIMIT): void {
    this.#start = this.#size
    this.#limit = limit
    this.#isCut = false
  }

  /** What the item has written so far. */
  get written(): WireLog | undefined {
    return this.#size > this.#start ? [this.#file, this.#start, this.#size - this.#start] : undefined
  }

  /** Output is a help for people: an item does not fail because its log cannot be written. */
  write(text: string | Uint8Array): void {
    if (this.#isCut) return
    try {
      if (this.#descriptor === undefined || this.#start >= MAX_FILE) this.#open()
      const room = this.#limit - (this.#size - this.#start)
      const bytes = Buffer.from(text)
      this.#append(bytes.subarray(0, room))
      if (bytes.length <= room) return
      this.#isCut = true
      this.#append(Buffer.from(cutMark(this.#limit)))
    } catch {
      this.#isCut = true
    }
  }

  #append(bytes: Buffer): void {
    if (this.#descriptor === undefined) return
    for (let done = 0; done < bytes.length; ) {
      const count = writeSync(this.#descriptor, bytes, done)
      done += count
      this.#size += count
    }
  }

  /** The newest file of the thread that has room, or a new one. An earlier process of the thread may have begun it. */
  #open(): void {
    if (this.#descriptor === undefined) {
      this.#file = newestFile(this.#folder, this.#thread)
    } else {
      closeSync(this.#descriptor)
      this.#file++
    }
    this.#descriptor = openSync(packedFile(this.#folder, this.#thread, this.#file), 'a', 0o600)
    this.#size = fstatSync(this.#descriptor).size
    this.#start = this.#size
    if (this.#size >= MAX_FILE) this.#open()
  }
}
