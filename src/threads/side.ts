/** What a thread is made of at a time: a host process for task modules, or a shell for commands. */
import type { Chunk, ThreadAbilities } from '../model/chunk.ts'
import type { Reason } from '../model/reason.ts'
import type { Bytes } from '../model/units.ts'

/** All methods return at once; what comes of them is reported. */
export interface ThreadSide {
  readonly abilities: ThreadAbilities
  /** Of its process; undefined while there is none. */
  readonly pid: number | undefined
  /** Reports `thread.ready`, or after three failed starts in a row `thread.broken`. Starts a stopped or broken one again. */
  readonly start: () => void
  /** Hands a chunk over. Only when it is ready, free and neither frozen nor held: anything else is a bug of the caller. */
  readonly run: (chunk: Chunk) => void
  /** Unstarted items come back as `items.taken`. */
  readonly takeBack: () => void
  /** Takes unstarted items back and asks the running one to stand still: `thread.held` says that it does. Where it is able to. */
  readonly hold: () => void
  readonly release: () => void
  /** Has it give back what it does not need: answered with `thread.reclaimed`, unless its process dies before. Where it is able to. */
  readonly reclaim: () => void
  /** From now on it does the same by itself after an item that leaves more than this; undefined: never. Not reported. */
  readonly tidy: (threshold: Bytes | undefined) => void
  /**
   * Stops all that runs, whatever it does; unstarted items come back before, or after the thaw. If the process dies while frozen, the thread
   * is lost and no longer frozen: its new process is idle.
   */
  readonly freeze: () => void
  /** Goes on where it stood. */
  readonly thaw: () => void
  /** Ends the attempt at this place if it is the one that runs, gently and after a grace by force. Reported as `items.ended` with this reason. */
  readonly end: (place: number, reason: Reason, isNow: boolean) => void
  /** Takes the rest back and ends what runs as `end` does, but reports it as `items.interrupted`. */
  readonly interrupt: () => void
  /** The running item goes because its memory is needed: as by `interrupt`, with half a second of grace, or none. */
  readonly evict: (isNow: boolean) => void
  /** The item at this place has taken too much, if it is the one that runs: killed at once. Reported as `items.ended` with this reason. */
  readonly fail: (place: number, reason: Reason) => void
  /** Replaces the process of a free thread in the orderly way; `thread.ready` tells when the new one is there. */
  readonly renew: () => void
  /** Ends what runs and the process; KILL after a grace. Resolves when it is gone, after `thread.stopped`. */
  readonly stop: () => Promise<void>
  /** KILL of all of it at once. Without `stop` before it the thread is lost and replaced. */
  readonly kill: () => void
}
