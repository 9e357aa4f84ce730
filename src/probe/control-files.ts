/** What control groups are worked with: folders that the kernel fills with files, and a line written into one of those. */
import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readText } from './cgroup-tree.ts'

/** All but `read` and `list` throw what the kernel answers. */
export interface ControlFiles {
  /** Empty where there is no such file. */
  readonly read: (path: string) => string
  readonly write: (path: string, text: string) => void
  readonly makeGroup: (folder: string) => void
  /** Refused (EBUSY) while processes are in it. */
  readonly removeGroup: (folder: string) => void
  /** Names of the groups in a group. */
  readonly list: (folder: string) => readonly string[]
  /** Moves a process. The kernel takes some 10 ms for it, in which it waits for all cores: not on the loop. */
  readonly move: (folder: string, pid: number) => Promise<void>
}

/** The kernel makes every file there is: a name that is missing must not be created. */
const EXISTING = { flag: 'r+' } as const

export const controlFiles: ControlFiles = {
  read: readText,
  write: (path, text) => writeFileSync(path, text, EXISTING),
  makeGroup: (folder) => mkdirSync(folder),
  removeGroup: (folder) => rmdirSync(folder),
  list: (folder) =>
    (attempt(() => readdirSync(folder, { withFileTypes: true })) ?? []).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    ),
  move: (folder, pid) => writeFile(join(folder, 'cgroup.procs'), String(pid), EXISTING),
}

/** What the action gives; undefined where it throws. */
export function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
