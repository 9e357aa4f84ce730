/**
 * Walks a run's journal frame by frame, over all its files, at most one frame in memory. It can be asked again after it
 * came to the end: a journal that is still written goes on from there.
 */
import type { FileHandle } from 'node:fs/promises'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { JournaledEvent } from '../model/event.ts'
import { JournalDamage, missingFile } from './damage.ts'
import { decodeEvents } from './decode.ts'
import { generationOf, journalName, MAX_HEADER, parseFileHeader } from './frame.ts'
import type { ReadHeader } from './read-frame.ts'
import { findFrame, isIntact, readHeader } from './read-frame.ts'
import { Window } from './window.ts'

/** Where reading stands. */
export interface JournalPlace {
  readonly generation: number
  readonly path: string
  /** Behind the last good frame; 0 where the file's first line is not whole. */
  readonly offset: number
}

interface OpenFile {
  readonly generation: number
  readonly path: string
  readonly handle: FileHandle
  readonly window: Window
  /** Whether its first line was read. */
  isBegun: boolean
  /** Number of the last frame read, and of the last event in it. */
  frame: number
  last: number
}

const NEWLINE = 10
const NOT_VALID = 'no valid frame there, and the journal goes on after it'

/** Most bytes after a bad frame that are searched for a good one. */
const MAX_SEARCH = 64 * 2 ** 20

export class JournalCursor {
  /** Number of the last event read. */
  seq: number
  readonly #folder: string
  /** Events up to this number are checked, but not decoded. */
  readonly #since: number
  readonly #first: number
  #file: OpenFile | undefined

  /**
   * @param since events up to this number are left out
   * @param first generation to begin with; where it is not the first of all, `since` is the last event before it
   */
  constructor(folder: string, since = 0, first = 1) {
    this.#folder = folder
    this.#since = since
    this.#first = first
    this.seq = first === 1 ? 0 : since
  }

  /** Undefined before the first file. */
  get place(): JournalPlace | undefined {
    if (!this.#file) return undefined
    const { generation, path, window } = this.#file
    return { generation, path, offset: window.offset }
  }

  /**
   * Events of the next frame that holds any after `since`; undefined where no further complete frame is there (yet).
   * @throws BatchtopError `journal-damaged` where the journal does not end there, `journal-format`
   */
  async next(): Promise<JournaledEvent[] | undefined> {
    for (;;) {
      this.#file ??= await this.#openNext(this.#first - 1)
      const file = this.#file
      if (!file) return undefined
      const events = await this.#read(file)
      if (events?.length === 0) continue
      if (events) return events
      const next = await this.#openNext(file.generation)
      if (!next) return await this.#readAgain(file)
      // Its writer left it before it made the next one, so what it holds now is all.
      const late = await this.#read(file)
      if (!late && (await file.window.left()) > 0) {
        await next.handle.close()
        throw damaged(file)
      }
      if (late) await next.handle.close()
      else {
        await file.handle.close()
        this.#file = next
      }
      if (late && late.length > 0) return late
    }
  }

  async close(): Promise<void> {
    await this.#file?.handle.close()
    this.#file = undefined
  }

  /** At the end of the last file: a frame cut short is no damage, unless good ones follow it. */
  async #readAgain(file: OpenFile): Promise<JournaledEvent[] | undefined> {
    const left = await file.window.left()
    // Less than nothing: its writer cut off what its disk did not take.
    if (left <= 0) return undefined
    const isTorn = file.isBegun
      ? !findFrame(await file.window.peek(Math.min(left, MAX_SEARCH)), 0, file.frame)
      : left <= MAX_HEADER
    if (isTorn) return undefined
    // Unless its writer has just gone on.
    const events = await this.#read(file)
    if (!events) throw damaged(file)
    return events.length > 0 ? events : await this.next()
  }

  /** Opens the file after this generation. */
  async #openNext(generation: number): Promise<OpenFile | undefined> {
    const names = await readdir(this.#folder)
    const lowest = Math.min(...names.map((name) => generationOf(name) ?? 0).filter((found) => found > generation))
    if (lowest === Number.POSITIVE_INFINITY) return undefined
    if (lowest !== generation + 1) throw missingFile(this.#folder, generation + 1)
    const path = join(this.#folder, journalName(lowest))
    const handle = await open(path, 'r')
    return { generation: lowest, path, handle, window: new Window(handle), isBegun: false, frame: 0, last: 0 }
  }

  /** Events of one frame, those up to `since` left out; undefined, and nothing taken, where no good frame is next. */
  async #read(file: OpenFile): Promise<JournaledEvent[] | undefined> {
    if (!file.isBegun && !(await this.#begin(file))) return undefined
    const { window } = file
    if (window.ahead < MAX_HEADER) await window.reach(MAX_HEADER)
    const header = readHeader(window.bytes, window.start, window.end)
    if (!header || !this.#follows(header, file)) return window.forget()
    const size = header.size + header.bytes
    // Asks for the file's size first: a damaged count must not make us take that much memory.
    const isThere = window.ahead >= size || (size <= (await window.left()) && (await window.reach(size)))
    if (!isThere || !isIntact(header, window.bytes, window.start + header.size)) return window.forget()
    const last = header.firstSeq + header.events - 1
    const known = Math.max(this.seq, this.#since)
    const events = last <= known ? [] : this.#decode(header, file, known)
    window.take(size)
    file.frame = header.frame
    file.last = last
    this.seq = Math.max(this.seq, last)
    return events
  }

  /** Reads the file's first line. */
  async #begin(file: OpenFile): Promise<boolean> {
    const { window } = file
    await window.reach(MAX_HEADER)
    const length = window.bytes.subarray(window.start, Math.min(window.end, window.start + MAX_HEADER)).indexOf(NEWLINE)
    if (length < 0) {
      window.forget()
      return false
    }
    const line = window.bytes.toString('latin1', window.start, window.start + length)
    if (parseFileHeader(line, file.path)?.generation !== file.generation) throw damaged(file)
    window.take(length + 1)
    file.isBegun = true
    return true
  }

  #follows({ frame, firstSeq, events }: ReadHeader, file: OpenFile): boolean {
    if (frame !== file.frame + 1 || events === 0) return false
    // Where a disk failed, the next file tells again what the one before it may not hold for good.
    return file.frame === 0 ? firstSeq <= this.seq + 1 : firstSeq === file.last + 1
  }

  #decode(
    { firstSeq, at, events, size, bytes }: ReadHeader,
    { path, window }: OpenFile,
    known: number,
  ): JournaledEvent[] {
    const start = window.start + size
    let decoded
    try {
      decoded = decodeEvents(window.bytes.subarray(start, start + bytes))
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new JournalDamage(path, { offset: window.offset, why })
    }
    if (decoded.length !== events) throw new JournalDamage(path, { offset: window.offset, why: NOT_VALID })
    const journaled = decoded.map((event, place) => ({ seq: firstSeq + place, at, event }))
    return firstSeq > known ? journaled : journaled.filter(({ seq }) => seq > known)
  }
}

function damaged({ path, window }: OpenFile): JournalDamage {
  return new JournalDamage(path, { offset: window.offset, why: NOT_VALID })
}
