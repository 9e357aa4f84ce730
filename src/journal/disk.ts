/** Writing so that it is still there after a power cut. */
import type { FileHandle } from 'node:fs/promises'
import { open, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Makes new, renamed and removed entries of a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Writes all bytes, however many calls that takes. */
export async function writeAll(handle: FileHandle, bytes: Buffer): Promise<void> {
  let done = 0
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done)
    done += bytesWritten
  }
}

/** A new file, durable but for its folder's entry. Fails where it exists. */
export async function writeNewFile(path: string, text: string): Promise<void> {
  await writeSynced(path, 'wx', text)
}

/** Replaces a file as a whole: after a power cut either the old or the new content is there. One writer at a time. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`)
  await writeSynced(temporary, 'w', text)
  await rename(temporary, path)
  await syncFolder(dirname(path))
}

async function writeSynced(path: string, flags: string, text: string): Promise<void> {
  const handle = await open(path, flags, 0o600)
  try {
    await writeAll(handle, Buffer.from(text))
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Whether an error of the file system has this code, such as ENOENT. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
