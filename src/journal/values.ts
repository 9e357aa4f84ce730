/**
 * Returned values: a line `{"item":…,"value":…}` each, in files of their batch, cut every 64 MB. They are gathered in memory until the journal
 * takes them to make them durable, which it does before it writes the frame that names them: a value is always on disk before anything
 * points at it. After a failure they are written again at the places that were given out for them.
 */
import { join } from 'node:path'
import type { ValueRef } from '../model/event.ts'
import { AppendFile } from './append-file.ts'
import type { Disk } from './disk.ts'
import type { ValuesFile } from './values-files.ts'
import { endOf } from './values-files.ts'
import { valuesName, valuesStem } from './values-names.ts'

/** Most bytes of one values file. */
const VALUES_FILE_BYTES = 64 * 2 ** 20

/** Most values files held open: a plan may have thousands of batches. */
const MAX_OPEN = 16

interface BatchValues {
  readonly stem: string
  /** The newest file; undefined: none of ours. */
  file: AppendFile | undefined
  /** Its number, or that of the newest one of an earlier epoch. */
  number: number
  /** Where that file starts. */
  start: number
  /** Where the next line goes. */
  end: number
  durableEnd: number
  readonly durableFiles: string[]
}

/** Lines that go to one file. */
export interface ValuesPart {
  readonly batch: BatchValues
  readonly file: AppendFile
  readonly lines: string[]
  /** Where the batch ends with these lines. */
  end: number
  isWritten: boolean
}

export interface ValuesWriterOptions {
  /** Run folder. */
  readonly folder: string
  readonly disk: Disk
  /** Files that earlier epochs wrote: never appended to, counted on from. */
  readonly existing: ReadonlyMap<string, readonly ValuesFile[]>
  /** Ids of the batches that these are of. */
  readonly batches?: readonly string[]
  readonly maxFileBytes?: number
}

export class ValuesWriter {
  readonly #folder: string
  readonly #disk: Disk
  readonly #existing: ReadonlyMap<string, readonly ValuesFile[]>
  readonly #maxFileBytes: number
  readonly #batches = new Map<string, BatchValues>()
  /** In the order of their last use. */
  readonly #open = new Set<AppendFile>()
  #parts = new Map<AppendFile, ValuesPart>()
  /** Files were made whose names may not be durable. */
  #areNamesNew = false

  constructor({ folder, disk, existing, batches = [], maxFileBytes = VALUES_FILE_BYTES }: ValuesWriterOptions) {
    this.#folder = join(folder, 'values')
    this.#disk = disk
    this.#existing = existing
    this.#maxFileBytes = maxFileBytes
    for (const batch of batches) this.#batch(batch)
  }

  /** Takes a value; the place given back is that of the JSON text itself, not of its line. */
  add(id: string, item: string, json: string): ValueRef {
    const batch = this.#batch(id)
    const head = `{"item":${JSON.stringify(item)},"value":`
    const length = Buffer.byteLength(json)
    const headBytes = Buffer.byteLength(head)
    const part = this.#part(batch, headBytes + length + 2)
    part.lines.push(`${head}${json}}\n`)
    const offset = batch.end + headBytes
    batch.end += headBytes + length + 2
    part.end = batch.end
    return { offset, length }
  }

  /** What came since the last call, to be written and then shown. */
  take(): readonly ValuesPart[] {
    if (this.#parts.size === 0) return []
    const parts = [...this.#parts.values()]
    this.#parts = new Map()
    return parts
  }

  /** Makes taken values durable. Where it rejects it is to be called again with the same ones, before any that were taken later. */
  async write(parts: readonly ValuesPart[]): Promise<void> {
    if (parts.length === 0) return
    const left = parts.filter(({ isWritten }) => !isWritten)
    const results = await Promise.allSettled(left.map((part) => this.#write(part)))
    await this.#closeOldest(MAX_OPEN)
    for (const result of results) if (result.status === 'rejected') throw result.reason
    if (!this.#areNamesNew) return
    await this.#disk.syncFolder(this.#folder)
    this.#areNamesNew = false
  }

  /** The events that name these values are durable: readers may see them. */
  show(parts: readonly ValuesPart[]): void {
    for (const { batch, file, end } of parts) {
      batch.durableEnd = end
      if (batch.durableFiles.at(-1) !== file.path) batch.durableFiles.push(file.path)
    }
  }

  /** Bytes of every batch's values, those included that are not written yet. */
  ends(): Record<string, number> {
    const used = [...this.#batches].filter(([, { end }]) => end > 0)
    return Object.fromEntries(used.map(([id, { end }]) => [id, end]))
  }

  /** Bytes of a batch's values that are durable, over all its files. */
  end(id: string): number {
    return this.#batch(id).durableEnd
  }

  /** Files that hold a batch's durable values, in order. */
  files(id: string): readonly string[] {
    return [...this.#batch(id).durableFiles]
  }

  async close(): Promise<void> {
    await this.#closeOldest(0)
  }

  #batch(id: string): BatchValues {
    const known = this.#batches.get(id)
    if (known) return known
    const stem = valuesStem(id)
    const files = this.#existing.get(stem) ?? []
    const end = endOf(files)
    const batch: BatchValues = {
      stem,
      file: undefined,
      number: files.at(-1)?.number ?? 0,
      start: end,
      end,
      durableEnd: end,
      durableFiles: files.map(({ path }) => path),
    }
    this.#batches.set(id, batch)
    return batch
  }

  /** Where the next line of so many bytes goes. */
  #part(batch: BatchValues, bytes: number): ValuesPart {
    const isFull = batch.end > batch.start && batch.end + bytes - batch.start > this.#maxFileBytes
    if (!batch.file || isFull) {
      batch.number += 1
      batch.start = batch.end
      batch.file = new AppendFile(this.#disk, join(this.#folder, valuesName(batch.stem, batch.number)), 'create')
    }
    const known = this.#parts.get(batch.file)
    if (known) return known
    const part: ValuesPart = { batch, file: batch.file, lines: [], end: batch.end, isWritten: false }
    this.#parts.set(batch.file, part)
    return part
  }

  async #write(part: ValuesPart): Promise<void> {
    const { file, lines } = part
    this.#open.delete(file)
    this.#open.add(file)
    const wasMade = file.isMade
    try {
      await file.append(Buffer.from(lines.join('')))
      part.isWritten = true
    } finally {
      if (file.isMade !== wasMade) this.#areNamesNew = true
    }
  }

  async #closeOldest(left: number): Promise<void> {
    for (const file of this.#open) {
      if (this.#open.size <= left) return
      this.#open.delete(file)
      await file.close()
    }
  }
}
