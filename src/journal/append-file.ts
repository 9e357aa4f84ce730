/**
 * A file that only grows, on a disk that may fail. Its bytes count once they are synced. A descriptor on which anything failed is given up
 * for good: the kernel may have dropped what it could not write, and a later sync of that descriptor would say that all is well.
 */
import type { Disk, DiskFile } from './disk.ts'

export class AppendFile {
  readonly path: string
  /** Bytes that are durable. */
  bytes = 0
  /** Whether the file is there. */
  isMade = false
  readonly #disk: Disk
  readonly #how: 'create' | 'replace'
  #file: DiskFile | undefined
  /** Something failed: after the durable bytes anything may stand. */
  #isSuspect = false

  constructor(disk: Disk, path: string, how: 'create' | 'replace') {
    this.#disk = disk
    this.path = path
    this.#how = how
  }

  /** Adds bytes and makes them durable; makes the file where that was not done. Rejects where the disk fails: nothing was added then. */
  async append(bytes: Buffer): Promise<void> {
    await this.#attempt(async () => {
      const file = await this.#ready()
      await file.write(bytes)
      await file.datasync()
    })
    this.bytes += bytes.length
  }

  /** Cuts off what a failure may have left after the durable bytes. */
  async mend(): Promise<void> {
    if (this.#isSuspect) await this.#attempt(() => this.#ready())
  }

  /** The next append opens it again. */
  async close(): Promise<void> {
    const file = this.#file
    this.#file = undefined
    // What counts is synced, and what is not synced does not count: closing has nothing to add.
    await file?.close().catch(() => undefined)
  }

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#isSuspect = this.isMade
      await this.close()
      throw error
    }
  }

  async #ready(): Promise<DiskFile> {
    if (this.#file) return this.#file
    const file = await this.#disk.open(this.path, this.isMade ? 'extend' : this.#how)
    this.#file = file
    this.isMade = true
    if (this.#isSuspect) {
      await file.truncate(this.bytes)
      await file.sync()
      this.#isSuspect = false
    }
    return file
  }
}
