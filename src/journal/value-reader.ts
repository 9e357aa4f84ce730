/** Reading returned values back by their place. Values are mostly read in the order they were written, so it reads ahead. */
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { ValueRef } from '../model/event.ts'
import type { ValuesFile } from './values-files.ts'
import { listValuesFiles } from './values-files.ts'
import { valuesStem } from './values-names.ts'

const READ_AHEAD = 256 * 2 ** 10

/** Reads one value: its JSON text. */
export async function readValue(folder: string, batch: string, ref: ValueRef): Promise<string> {
  const reader = new ValueReader(folder)
  try {
    return await reader.read(batch, ref)
  } finally {
    await reader.close()
  }
}

/** Reads many values of a run, one after another. To be closed. */
export class ValueReader {
  readonly #folder: string
  #files = new Map<string, ValuesFile[]>()
  #open: { readonly file: ValuesFile; readonly handle: FileHandle } | undefined
  /** Bytes read ahead, and where in the open file they start. */
  #ahead = { start: 0, bytes: Buffer.alloc(0) }

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The JSON text of a value. @throws BatchtopError `value-missing` where the files do not hold it. */
  async read(batch: string, ref: ValueRef): Promise<string> {
    const file = await this.#fileOf(batch, ref)
    const handle = await this.#openFile(file)
    const start = ref.offset - file.start
    if (start < this.#ahead.start || start + ref.length > this.#ahead.start + this.#ahead.bytes.length) {
      const bytes = Buffer.allocUnsafe(Math.max(ref.length, READ_AHEAD))
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start)
      this.#ahead = { start, bytes: bytes.subarray(0, bytesRead) }
    }
    const from = start - this.#ahead.start
    if (from + ref.length > this.#ahead.bytes.length) throw missing(file.path, ref)
    return this.#ahead.bytes.toString('utf8', from, from + ref.length)
  }

  async close(): Promise<void> {
    await this.#open?.handle.close()
    this.#open = undefined
  }

  async #fileOf(batch: string, ref: ValueRef): Promise<ValuesFile> {
    const stem = valuesStem(batch)
    // Sizes of a live run's files go out of date, but where a file starts never changes once a file after it exists.
    const holds = ({ start, bytes }: ValuesFile) => start <= ref.offset && ref.offset + ref.length <= start + bytes
    const known = this.#files.get(stem)?.find(holds)
    if (known) return known
    this.#files = await listValuesFiles(this.#folder)
    const file = this.#files.get(stem)?.find(holds)
    if (!file) throw missing(`values of batch ${batch} in ${this.#folder}`, ref)
    return file
  }

  async #openFile(file: ValuesFile): Promise<FileHandle> {
    if (this.#open?.file.path === file.path) return this.#open.handle
    await this.close()
    const handle = await open(file.path, 'r')
    this.#open = { file, handle }
    this.#ahead = { start: 0, bytes: Buffer.alloc(0) }
    return handle
  }
}

function missing(where: string, { offset, length }: ValueRef): BatchtopError {
  return new BatchtopError('value-missing', `No value of ${length} bytes at ${offset}: ${where}`, {
    hint: 'Was the values folder of this run changed or removed?',
    exit: EXIT.usage,
  })
}
