/** How much a folder holds. */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { hasCode } from './disk.ts'

/** Bytes of all files in a folder and its folders; links are not followed, and what goes away meanwhile does not count. */
export async function folderSize(folder: string): Promise<number> {
  let size = 0
  const entries = await orElse(readdir(folder, { withFileTypes: true }), [])
  for (const entry of entries) {
    const path = join(folder, entry.name)
    size += entry.isDirectory() ? await folderSize(path) : (await orElse(lstat(path), { size: 0 })).size
  }
  return size
}

async function orElse<T, E>(reading: Promise<T>, otherwise: E): Promise<T | E> {
  try {
    return await reading
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return otherwise
    throw error
  }
}
