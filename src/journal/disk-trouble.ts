/** A disk that does not take what is written: since when, in words, and when that is over. */
import type { Trouble } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'

const WORDS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file may not grow any further',
  EROFS: 'the file system is read-only',
  EACCES: 'writing is not allowed',
  EPERM: 'writing is not allowed',
  ENOENT: 'a file or folder of the run is gone',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EEXIST: 'a file of somebody else stands in the way',
}

export class DiskTrouble {
  /** Undefined: all is well. */
  current: Omit<Trouble, 'events'> | undefined
  /** All is well again when everything up to this event is durable; undefined: the disk takes nothing. */
  #overAt: number | undefined

  /** Nothing is to be tried before some time has passed. */
  get isStuck(): boolean {
    return this.current !== undefined && this.#overAt === undefined
  }

  /** Notes a failure. @throws the error itself where it is none of the system: that is a bug */
  failed(error: unknown, at: WallTime): void {
    const message = describe(error)
    if (message === undefined) throw error
    this.current = { message, since: this.current?.since ?? at }
    this.#overAt = undefined
  }

  /** Notes that the disk took something. @returns true where everything is well again with it */
  took({ durableSeq, lastSeq }: { readonly durableSeq: number; readonly lastSeq: number }): boolean {
    if (!this.current) return false
    this.#overAt ??= lastSeq
    if (durableSeq < this.#overAt) return false
    this.current = undefined
    this.#overAt = undefined
    return true
  }
}

/** Such as `the disk is full (ENOSPC)`. */
function describe(error: unknown): string | undefined {
  if (!(error instanceof Error && 'errno' in error && 'code' in error)) return undefined
  const code = String(error.code)
  return `${WORDS[code] ?? 'writing failed'} (${code})`
}
