/**
 * Walks a run's journal frame by frame, over all its files, at most one frame in memory. It can be asked again after it
 * came to the end: a journal that is still written goes on from there.
 */
import type { FileHandle } from 'node:fs/promises'
import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { JournaledEvent } from '../model/event.ts'
import { decodeEvents } from './decode.ts'
import type { ReadHeader } from './frame.ts'
import { generationOf, hasLaterFrame, isIntact, MAX_HEADER, parseFileHeader, parseFrameHeader } from './frame.ts'
import { Window } from './window.ts'

interface OpenFile {
  readonly generation: number
  readonly path: string
  readonly handle: FileHandle
  readonly window: Window
  /** Whether its first line was read. */
  isBegun: boolean
  /** Number of the last frame read. */
  frame: number
}

/** Most bytes after a bad frame that are searched for a good one. */
const MAX_SEARCH = 64 * 2 ** 20

export class JournalCursor {
  /** Number of the last event read. */
  seq = 0
  readonly #folder: string
  /** Events up to this number are checked, but not decoded. */
  readonly #since: number
  #file: OpenFile | undefined

  constructor(folder: string, since = 0) {
    this.#folder = folder
    this.#since = since
  }

  /**
   * Events of the next frame that holds any after `since`; undefined where no further complete frame is there (yet).
   * @throws BatchtopError `journal-damaged` where the journal does not end there, `journal-format`
   */
  async next(): Promise<JournaledEvent[] | undefined> {
    for (;;) {
      this.#file ??= await this.#openNext(0)
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
    if (left === 0) return undefined
    if (!hasLaterFrame(await file.window.peek(Math.min(left, MAX_SEARCH)), file.frame)) return undefined
    // Unless its writer has just gone on.
    const events = await this.#read(file)
    if (!events) throw damaged(file)
    return events.length > 0 ? events : await this.next()
  }

  async #openNext(generation: number): Promise<OpenFile | undefined> {
    const names = await readdir(this.#folder)
    const next = names.flatMap((name) => generationOf(name) ?? []).filter((found) => found > generation)
    if (next.length === 0) return undefined
    const lowest = Math.min(...next)
    const name = names.find((candidate) => generationOf(candidate) === lowest) as string
    const path = join(this.#folder, name)
    if (generation > 0 && lowest !== generation + 1) throw damagedAt(path, 0, `a journal before it is missing`)
    const handle = await open(path, 'r')
    return { generation: lowest, path, handle, window: new Window(handle), isBegun: false, frame: 0 }
  }

  /** Events of one frame, those up to `since` left out; undefined, and nothing taken, where no good frame is next. */
  async #read(file: OpenFile): Promise<JournaledEvent[] | undefined> {
    if (!file.isBegun && !(await this.#begin(file))) return undefined
    const { window } = file
    const line = await window.line(MAX_HEADER)
    const header = line === undefined ? undefined : parseFrameHeader(line)
    if (line === undefined || !header || !this.#follows(header, file)) return window.forget()
    const start = line.length + 1
    const body = await window.bytes(start, header.bytes)
    if (!body || !isIntact(header, body)) return window.forget()
    const last = header.firstSeq + header.events - 1
    const events = last <= this.#since ? [] : this.#decode(header, body, file)
    window.take(start + header.bytes)
    file.frame = header.frame
    this.seq = last
    return events
  }

  /** Reads the file's first line. */
  async #begin(file: OpenFile): Promise<boolean> {
    const line = await file.window.line(MAX_HEADER)
    if (line === undefined) {
      file.window.forget()
      return false
    }
    if (parseFileHeader(line)?.generation !== file.generation) throw damaged(file)
    file.window.take(line.length + 1)
    file.isBegun = true
    return true
  }

  #follows({ frame, firstSeq, events }: ReadHeader, file: OpenFile): boolean {
    if (frame !== file.frame + 1 || events === 0) return false
    // Between two files a gap is allowed: what was never durable is not there.
    return file.frame === 0 ? firstSeq > this.seq : firstSeq === this.seq + 1
  }

  #decode({ firstSeq, at, events }: ReadHeader, body: Buffer, file: OpenFile): JournaledEvent[] {
    let decoded
    try {
      decoded = decodeEvents(body)
    } catch (error) {
      throw damagedAt(file.path, file.window.offset, error instanceof Error ? error.message : String(error))
    }
    if (decoded.length !== events) throw damaged(file)
    const journaled = decoded.map((event, place) => ({ seq: firstSeq + place, at, event }))
    return firstSeq > this.#since ? journaled : journaled.filter(({ seq }) => seq > this.#since)
  }
}

function damaged(file: OpenFile): BatchtopError {
  return damagedAt(file.path, file.window.offset, 'no valid frame there, and the journal goes on after it')
}

function damagedAt(path: string, offset: number, why: string): BatchtopError {
  return new BatchtopError('journal-damaged', `Damaged journal: ${path} at byte ${offset}: ${why}`, {
    hint: 'The disk or somebody changed this file; what stands before that place is intact',
    exit: EXIT.bug,
  })
}
