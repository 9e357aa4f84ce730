/** The files that an item must make: room for them before it begins, a look for them after it, and no halves of them where it failed. */
import type { BigIntStats } from 'node:fs'
import { lstat, mkdir, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { encodeName } from '../model/names.ts'

/** What tells whether a file was changed. Numbers are texts, so that they can be sent on. */
export interface Seen {
  readonly mtimeNs: string
  readonly ino: string
  readonly size: string
}

/** What `prepare` saw; null: nothing was there. */
export type SeenOutputs = readonly (Seen | null)[]

export interface Cleaned {
  /** Removed, as they are called in the plan. */
  readonly removed: readonly string[]
  /** Why others are still there, for people. */
  readonly problem?: string
}

/** Of one attempt. One path after another: an item has few. */
export class Outputs {
  readonly #names: readonly string[]
  readonly #folder: string
  #seen: SeenOutputs | undefined

  /**
   * @param names paths, as they are called in messages
   * @param folder where relative ones start
   * @param seen what another `prepare` saw
   */
  constructor(names: readonly string[], folder = '/', seen?: SeenOutputs) {
    this.#names = names
    this.#folder = folder
    this.#seen = seen
  }

  get names(): readonly string[] {
    return this.#names
  }

  /** Undefined before `prepare`. */
  get seen(): SeenOutputs | undefined {
    return this.#seen
  }

  /** Before the attempt: makes the folders they go to and remembers what is there. @returns why it may not begin, for people */
  async prepare(): Promise<string | undefined> {
    const seen: (Seen | null)[] = []
    for (const name of this.#names) {
      try {
        await mkdir(pathOf(dirname(resolve(this.#folder, name))), { recursive: true })
        seen.push(await look(this.#path(name)))
      } catch (error) {
        return `there is no place for ${name}: ${messageOf(error)}`
      }
    }
    this.#seen = seen
    return undefined
  }

  /** After a success: the first that is not there. */
  async missing(): Promise<string | undefined> {
    for (const name of this.#names) {
      // Not a link to nothing.
      const isThere = await stat(this.#path(name)).then(
        () => true,
        () => false,
      )
      if (!isThere) return name
    }
    return undefined
  }

  /** After a failure: removes the files that are new or changed since `prepare`. Folders stay, and what was not touched. */
  async clean(): Promise<Cleaned> {
    const removed: string[] = []
    let problem: string | undefined
    for (const [place, before] of (this.#seen ?? []).entries()) {
      const name = this.#names[place] ?? ''
      try {
        const now = await look(this.#path(name))
        if (!now || isSame(now, before)) continue
        // Throws for a folder.
        await rm(this.#path(name))
        removed.push(name)
      } catch (error) {
        if (codeOf(error) !== 'ERR_FS_EISDIR') problem ??= `${name} cannot be removed: ${messageOf(error)}`
      }
    }
    return { removed, ...(problem === undefined ? {} : { problem }) }
  }

  #path(name: string): string | Buffer {
    return pathOf(resolve(this.#folder, name))
  }
}

/** Names may hold bytes that are no UTF-8. */
function pathOf(path: string): string | Buffer {
  return path.isWellFormed() ? path : Buffer.from(encodeName(path))
}

/** Null: nothing is there. Of a link itself, not of what it leads to. */
async function look(path: string | Buffer): Promise<Seen | null> {
  let found: BigIntStats
  try {
    found = await lstat(path, { bigint: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null
    throw error
  }
  return { mtimeNs: String(found.mtimeNs), ino: String(found.ino), size: String(found.size) }
}

function isSame(now: Seen, before: Seen | null): boolean {
  return now.mtimeNs === before?.mtimeNs && now.ino === before.ino && now.size === before.size
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
