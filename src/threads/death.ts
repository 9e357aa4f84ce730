/** What a host's death means, from how it ended and its last words. */
import type { Reason } from '../model/reason.ts'
import { bytes } from '../model/units.ts'

export interface Death {
  /** Such as `signal SIGKILL` or `exit 1`. */
  readonly how: string
  readonly code: string | undefined
  readonly words: string | undefined
  /** Most heap of its worker, in MB. */
  readonly heap: number
  /** In bytes. */
  readonly cap: number
}

/** Lines with which V8, or the C++ library, ends a process. */
const fatal = /^(?:FATAL ERROR|# Fatal|terminate called)/

/** One allocation that V8 has no room for ends the whole process: a large array, or a Map that grows. */
const outOfHeap = /out of memory|heap limit|allocation failed|invalid \w+ (?:length|size)|bad_alloc/i

export const isFatal = (line: string): boolean => fatal.test(line)

export function reasonOfDeath({ how, code, words, heap, cap }: Death): Reason {
  if (words && isFatal(words) && outOfHeap.test(words)) {
    return { kind: 'memory', message: `its process ran out of heap (limit ${heap} MB) and died`, cap: bytes(cap) }
  }
  const message = words ? `host died: ${how}; ${words}` : `host died: ${how}`
  return { kind: 'lost', message, ...(code === undefined ? {} : { code }) }
}
