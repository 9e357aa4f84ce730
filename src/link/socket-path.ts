/**
 * A socket's path may have about 107 bytes; state folders may lie deeper. Then it is reached by its name from its own folder, which
 * only a process's main thread can enter.
 */
import { join } from 'node:path'
import { SOCKET } from './protocol.ts'

const LONGEST = 100

/** Calls `use` with a path that the system takes, and is back in the old folder afterwards. */
export function withSocketPath<Result>(folder: string, use: (path: string) => Result): Result {
  const path = join(folder, SOCKET)
  if (Buffer.byteLength(path) <= LONGEST) return use(path)
  const before = process.cwd()
  process.chdir(folder)
  try {
    return use(SOCKET)
  } finally {
    process.chdir(before)
  }
}
