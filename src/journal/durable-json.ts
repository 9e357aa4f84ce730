/** lowdb adapters for what must outlive a power cut: lowdb's own renames without a sync, after which the file may be empty. */
import { readFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { Adapter } from 'lowdb'
import type { Disk } from './disk.ts'
import { hasCode, realDisk, replaceFile } from './disk.ts'

/** A small file that people may read. */
export class DurableJson<Data> implements Adapter<Data> {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  async read(): Promise<Data | null> {
    const text = await readIfThere(this.#path)
    return text === undefined ? null : (JSON.parse(text) as Data)
  }

  async write(data: Data): Promise<void> {
    await replaceFile(this.#path, `${JSON.stringify(data, null, 2)}\n`)
  }
}

/** Said of a file that is not what was written. */
export class BrokenSeal extends Error {}

/** A file on one line whose last field `crc` covers the text of the rest. */
export class SealedJson<Data extends object> implements Adapter<Data> {
  /** Bytes written last. */
  size = 0
  readonly #path: string
  readonly #disk: Disk

  constructor(path: string, disk: Disk = realDisk) {
    this.#path = path
    this.#disk = disk
  }

  /** @throws BrokenSeal */
  async read(): Promise<Data | null> {
    const text = await readIfThere(this.#path)
    return text === undefined ? null : (JSON.parse(unseal(text)) as Data)
  }

  async write(data: Data): Promise<void> {
    const text = seal(JSON.stringify(data))
    await replaceFile(this.#path, text, this.#disk)
    this.size = Buffer.byteLength(text)
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

function seal(text: string): string {
  return `${text.slice(0, -1)},"crc":"${crcOf(text)}"}\n`
}

function unseal(sealed: string): string {
  const end = sealed.length - ',"crc":"01234567"}\n'.length
  const text = `${sealed.slice(0, end)}}`
  if (seal(text) !== sealed) throw new BrokenSeal('its crc does not fit its text')
  return text
}

function crcOf(text: string): string {
  return crc32(text).toString(16).padStart(8, '0')
}
