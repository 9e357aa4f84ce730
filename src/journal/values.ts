/**
 * Returned values: values/<batch>-<n>.ndjson, a line `{"item":…,"value":…}` each, cut every 64 MB. A value's place counts over all
 * files of its batch as if they were one. They are gathered in memory until `sync`, which the journal calls before it writes the
 * frame that names them, so a value is always on disk before anything points at it.
 */
import type { FileHandle } from 'node:fs/promises'
import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { ValueRef } from '../model/event.ts'
import { syncFolder, writeAll } from './disk.ts'
import { parseValuesName, valuesName, valuesStem } from './values-names.ts'

/** Most bytes of one values file. */
const VALUES_FILE_BYTES = 64 * 2 ** 20

/** Most values files held open: a plan may have thousands of batches. */
const MAX_OPEN = 16

/** A values file on disk. */
export interface ValuesFile {
  /** From 1. */
  readonly number: number
  readonly path: string
  /** Bytes of all files of the batch before it. */
  readonly start: number
  readonly bytes: number
}

/** The values files of a run's batches, in order, by the stem of their names. */
export async function listValuesFiles(folder: string): Promise<Map<string, ValuesFile[]>> {
  const found: { stem: string; number: number; path: string }[] = []
  for (const name of await readdir(join(folder, 'values'))) {
    const parsed = parseValuesName(name)
    if (parsed) found.push({ ...parsed, path: join(folder, 'values', name) })
  }
  found.sort((a, b) => a.number - b.number)
  const sizes = await Promise.all(found.map(async ({ path }) => (await stat(path)).size))
  const files = new Map<string, ValuesFile[]>()
  for (const [place, { stem, number, path }] of found.entries()) {
    const list = files.get(stem) ?? []
    const previous = list.at(-1)
    list.push({ number, path, start: previous ? previous.start + previous.bytes : 0, bytes: sizes[place] as number })
    files.set(stem, list)
  }
  return files
}

interface BatchValues {
  /** Number of the newest file. */
  number: number
  /** Where that file starts. */
  start: number
  /** Where the next line goes. */
  end: number
  durableEnd: number
  readonly durableFiles: string[]
}

interface Pending {
  readonly batch: BatchValues
  readonly path: string
  readonly lines: string[]
  /** Where the batch ends with these lines. */
  end: number
}

export interface ValuesWriterOptions {
  /** Run folder. */
  readonly folder: string
  /** Files that earlier epochs wrote: never appended to, counted on from. */
  readonly existing: ReadonlyMap<string, readonly ValuesFile[]>
  readonly maxFileBytes?: number
}

export class ValuesWriter {
  readonly #folder: string
  readonly #maxFileBytes: number
  readonly #batches = new Map<string, BatchValues>()
  readonly #handles = new Map<string, FileHandle>()
  #pending = new Map<string, Pending>()

  constructor({ folder, existing, maxFileBytes = VALUES_FILE_BYTES }: ValuesWriterOptions) {
    this.#folder = join(folder, 'values')
    this.#maxFileBytes = maxFileBytes
    for (const [batch, files] of existing) {
      const last = files.at(-1)
      const end = last ? last.start + last.bytes : 0
      // `start` of -Infinity: the next value does not fit the newest file, so it begins one of its own.
      const paths = files.map(({ path }) => path)
      this.#batches.set(batch, {
        number: last?.number ?? 0,
        start: -Infinity,
        end,
        durableEnd: end,
        durableFiles: paths,
      })
    }
  }

  /** Takes a value; the place given back is that of the JSON text itself, not of its line. */
  add(id: string, item: string, json: string): ValueRef {
    const batch = this.#batch(valuesStem(id))
    const head = `{"item":${JSON.stringify(item)},"value":`
    const line = `${head}${json}}\n`
    const length = Buffer.byteLength(json)
    const headBytes = Buffer.byteLength(head)
    const bytes = headBytes + length + 2
    if (batch.end > batch.start && batch.end + bytes - batch.start > this.#maxFileBytes) {
      batch.number++
      batch.start = batch.end
    }
    const offset = batch.end + headBytes
    batch.end += bytes
    const path = join(this.#folder, valuesName(valuesStem(id), batch.number))
    const pending = this.#pending.get(path)
    if (pending) {
      pending.lines.push(line)
      pending.end = batch.end
    } else this.#pending.set(path, { batch, path, lines: [line], end: batch.end })
    return { offset, length }
  }

  /**
   * Makes everything taken so far durable.
   * @returns to be called when the frame that names these values is durable: readers may see them from then on
   */
  async sync(): Promise<() => void> {
    const parts = [...this.#pending.values()]
    if (parts.length === 0) return nothing
    this.#pending = new Map()
    const made = await Promise.all(parts.map((part) => this.#write(part)))
    if (made.includes(true)) await syncFolder(this.#folder)
    await this.#closeOldest(MAX_OPEN)
    return () => {
      for (const { batch, path, end } of parts) {
        batch.durableEnd = end
        if (batch.durableFiles.at(-1) !== path) batch.durableFiles.push(path)
      }
    }
  }

  /** Bytes of a batch's values that are durable, over all its files. */
  end(id: string): number {
    return this.#batches.get(valuesStem(id))?.durableEnd ?? 0
  }

  /** Files that hold a batch's durable values, in order. */
  files(id: string): readonly string[] {
    return [...(this.#batches.get(valuesStem(id))?.durableFiles ?? [])]
  }

  async close(): Promise<void> {
    await this.#closeOldest(0)
  }

  #batch(stem: string): BatchValues {
    let batch = this.#batches.get(stem)
    if (!batch) {
      batch = { number: 1, start: 0, end: 0, durableEnd: 0, durableFiles: [] }
      this.#batches.set(stem, batch)
    }
    return batch
  }

  /** Tells whether the file was made for this. */
  async #write({ path, lines }: Pending): Promise<boolean> {
    const known = this.#handles.get(path)
    const handle = known ?? (await open(path, this.#isOurs(path) ? 'a' : 'ax', 0o600))
    this.#handles.delete(path)
    this.#handles.set(path, handle)
    await writeAll(handle, Buffer.from(lines.join('')))
    await handle.datasync()
    return known === undefined
  }

  /** Whether we made the file and closed it since. */
  #isOurs(path: string): boolean {
    for (const { durableFiles } of this.#batches.values()) if (durableFiles.at(-1) === path) return true
    return false
  }

  async #closeOldest(left: number): Promise<void> {
    for (const [path, handle] of this.#handles) {
      if (this.#handles.size <= left) return
      this.#handles.delete(path)
      await handle.close()
    }
  }
}

function nothing(): void {}
