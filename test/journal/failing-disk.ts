/**
 * The real disk with a fault: from one operation on, so many in a row fail. Half of a write that fails arrives; of what a sync that fails should
 * have made durable only zeros are left, as where the kernel drops pages that it could not write.
 */
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs'
import type { Disk, DiskFile, OpenHow } from '../../src/journal/disk.ts'
import { realDisk } from '../../src/journal/disk.ts'

export type Operation = 'open' | 'write' | 'truncate' | 'sync' | 'datasync' | 'syncFolder' | 'rename' | 'remove'

export interface Fault {
  /** Which operations are counted; undefined: all. */
  readonly of?: Operation
  /** The first that fails, from 1. */
  readonly first: number
  /** How many do. */
  readonly times: number
}

export class FailingDisk implements Disk {
  /** Operations of the fault's kind since it was armed. */
  seen = 0
  failed = 0
  /** What was done with a descriptor after something had failed on it. */
  readonly misuses: string[] = []
  /** Bytes of each file that are synced, by path. */
  readonly synced = new Map<string, number>()
  #fault: Fault | undefined

  arm(fault: Fault): void {
    this.#fault = fault
    this.seen = 0
    this.failed = 0
  }

  async open(path: string, how: OpenHow): Promise<DiskFile> {
    this.check('open')
    return new FailingFile(this, path, await realDisk.open(path, how))
  }

  async rename(from: string, to: string): Promise<void> {
    this.check('rename')
    await realDisk.rename(from, to)
  }

  async remove(path: string): Promise<void> {
    this.check('remove')
    await realDisk.remove(path)
  }

  async syncFolder(folder: string): Promise<void> {
    this.check('syncFolder')
    await realDisk.syncFolder(folder)
  }

  /** Counts an operation and fails it where it is due. */
  check(operation: Operation): void {
    const fault = this.#fault
    if (!fault || (fault.of !== undefined && fault.of !== operation)) return
    this.seen += 1
    if (this.seen < fault.first || this.seen >= fault.first + fault.times) return
    this.failed += 1
    throw Object.assign(new Error(`EIO: i/o error, ${operation}`), { code: 'EIO', errno: -5, syscall: operation })
  }
}

class FailingFile implements DiskFile {
  readonly #disk: FailingDisk
  readonly #path: string
  readonly #file: DiskFile
  #hasFailed = false

  constructor(disk: FailingDisk, path: string, file: DiskFile) {
    this.#disk = disk
    this.#path = path
    this.#file = file
  }

  async write(bytes: Buffer): Promise<void> {
    await this.#do('write', async () => {
      try {
        this.#disk.check('write')
      } catch (error) {
        await this.#file.write(bytes.subarray(0, bytes.length >> 1))
        throw error
      }
      await this.#file.write(bytes)
    })
  }

  async truncate(bytes: number): Promise<void> {
    await this.#do('truncate', async () => {
      this.#disk.check('truncate')
      await this.#file.truncate(bytes)
      this.#disk.synced.set(this.#path, Math.min(this.#disk.synced.get(this.#path) ?? 0, bytes))
    })
  }

  async sync(): Promise<void> {
    await this.#do('sync', () => this.#sync('sync'))
  }

  async datasync(): Promise<void> {
    await this.#do('datasync', () => this.#sync('datasync'))
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #sync(how: 'sync' | 'datasync'): Promise<void> {
    const from = this.#disk.synced.get(this.#path) ?? 0
    const handle = openSync(this.#path, 'r+')
    const { size } = fstatSync(handle)
    try {
      this.#disk.check(how)
      await this.#file[how]()
      this.#disk.synced.set(this.#path, size)
    } catch (error) {
      writeSync(handle, Buffer.alloc(size - from), 0, size - from, from)
      throw error
    } finally {
      closeSync(handle)
    }
  }

  async #do(operation: Operation, work: () => Promise<void>): Promise<void> {
    if (this.#hasFailed) this.#disk.misuses.push(`${operation} of ${this.#path}`)
    try {
      await work()
    } catch (error) {
      this.#hasFailed = true
      throw error
    }
  }
}
