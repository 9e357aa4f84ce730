/**
 * The files that the journal writes its frames to, one at a time. After a failure the present file is cut back to its last durable frame and
 * the next one begun, so that no frame ever stands behind a doubtful one.
 */
import { join } from 'node:path'
import type { RunId } from '../model/ids.ts'
import { AppendFile } from './append-file.ts'
import type { Disk } from './disk.ts'
import type { FrameHeader } from './frame.ts'
import { encodeFrame, fileHeader, journalName } from './frame.ts'

export interface JournalFilesOptions {
  readonly folder: string
  readonly run: RunId
  /** Of the first file. */
  readonly generation: number
  readonly disk: Disk
}

export class JournalFiles {
  readonly #options: JournalFilesOptions
  #file: AppendFile
  #generation: number
  /** Durable frames of the present file. */
  #frames = 0
  /** The present file takes frames: it was begun, and nothing has failed since. */
  #isReady = false
  /** Highest generation whose file was made here. */
  #made: number

  constructor(options: JournalFilesOptions) {
    this.#options = options
    this.#generation = options.generation
    this.#made = options.generation - 1
    this.#file = this.#fileOf(options.generation)
  }

  /** Makes the first file. Rejects where it exists. */
  async open(): Promise<void> {
    await this.#begin(this.#generation)
  }

  /** Makes a frame durable. @returns its size in bytes */
  async append(fields: Omit<FrameHeader, 'frame' | 'bytes'>, text: string): Promise<number> {
    await this.#ready()
    const frame = encodeFrame({ ...fields, frame: this.#frames + 1 }, text)
    this.#isReady = false
    await this.#file.append(frame)
    this.#isReady = true
    this.#frames += 1
    return frame.length
  }

  /** Begins the next file, unless the present one has no frame yet. @returns the number of the file that the next frame goes to */
  async next(): Promise<number> {
    await this.#ready()
    if (this.#frames > 0) await this.#begin(this.#generation + 1)
    return this.#generation
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  async #ready(): Promise<void> {
    if (this.#isReady) return
    await this.#file.mend()
    // Without a frame it is as good as a new one. Its first line stays: a checkpoint may count on this file.
    if (this.#frames > 0) await this.#begin(this.#generation + 1)
    this.#isReady = true
  }

  async #begin(generation: number): Promise<void> {
    const { disk, folder, run } = this.#options
    const file = this.#fileOf(generation)
    try {
      await file.append(Buffer.from(fileHeader(run, generation)))
      await disk.syncFolder(folder)
    } catch (error) {
      if (file.isMade) this.#made = generation
      await file.close()
      throw error
    }
    await this.#file.close()
    this.#file = file
    this.#generation = generation
    this.#made = generation
    this.#frames = 0
    this.#isReady = true
  }

  /** Only what a failed attempt of ours left behind is written over: nothing durable can be in it. */
  #fileOf(generation: number): AppendFile {
    const { disk, folder } = this.#options
    return new AppendFile(disk, join(folder, journalName(generation)), generation <= this.#made ? 'replace' : 'create')
  }
}
