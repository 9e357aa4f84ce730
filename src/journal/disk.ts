/**
 * Writing so that it is still there after a power cut. Everything durable of this room is written through a `Disk`, so that a test can
 * stand in for one that fails or loses power; reading goes straight to the files.
 */
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { open, rename, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/**
 * How a file is opened for writing. `create`: made, fails where it exists. `replace`: made, or emptied where it exists. `extend`: exists
 * already. What is written always goes to its end.
 */
export type OpenHow = 'create' | 'replace' | 'extend'

/** A file open for writing. */
export interface DiskFile {
  /** Adds all of these bytes at the end. */
  write(bytes: Buffer): Promise<void>
  /** Cuts everything after this many bytes off. */
  truncate(bytes: number): Promise<void>
  /** Makes the file's content durable. Its name needs `syncFolder`. */
  sync(): Promise<void>
  /** Like `sync`, without times and the like: for every commit. */
  datasync(): Promise<void>
  close(): Promise<void>
}

/** The writing side of a file system. */
export interface Disk {
  open(path: string, how: OpenHow): Promise<DiskFile>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Makes new, renamed and removed entries of a folder durable. */
  syncFolder(folder: string): Promise<void>
}

const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_TRUNC } = constants

const FLAGS: Readonly<Record<OpenHow, number>> = {
  create: O_WRONLY | O_APPEND | O_CREAT | O_EXCL,
  replace: O_WRONLY | O_APPEND | O_CREAT | O_TRUNC,
  extend: O_WRONLY | O_APPEND,
}

/** The machine's own. Files are for their user only. */
export const realDisk: Disk = {
  open: async (path, how) => new RealFile(await open(path, FLAGS[how], 0o600)),
  rename,
  remove: unlink,
  syncFolder,
}

class RealFile implements DiskFile {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** However many calls that takes. */
  async write(bytes: Buffer): Promise<void> {
    let done = 0
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, done)
      done += bytesWritten
    }
  }

  truncate(bytes: number): Promise<void> {
    return this.#handle.truncate(bytes)
  }

  sync(): Promise<void> {
    return this.#handle.sync()
  }

  datasync(): Promise<void> {
    return this.#handle.datasync()
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

/** Makes new, renamed and removed entries of a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** A new file, durable but for its folder's entry. Fails where it exists. */
export async function writeNewFile(path: string, text: string, disk: Disk = realDisk): Promise<void> {
  await writeSynced(disk, path, { how: 'create', content: text })
}

/** Replaces a file as a whole: after a power cut either the old or the new content is there. One writer at a time. */
export async function replaceFile(path: string, content: string | Buffer, disk: Disk = realDisk): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`)
  await writeSynced(disk, temporary, { how: 'replace', content })
  await disk.rename(temporary, path)
  await disk.syncFolder(dirname(path))
}

/** Cuts everything after this many bytes off, for good. */
export async function truncateFile(path: string, bytes: number, disk: Disk = realDisk): Promise<void> {
  const file = await disk.open(path, 'extend')
  try {
    await file.truncate(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function writeSynced(
  disk: Disk,
  path: string,
  { how, content }: { readonly how: OpenHow; readonly content: string | Buffer },
): Promise<void> {
  const file = await disk.open(path, how)
  try {
    await file.write(typeof content === 'string' ? Buffer.from(content) : content)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Whether an error of the file system has this code, such as ENOENT. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
