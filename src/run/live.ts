/**
 * What is true of this moment only and dies with the supervisor: which process runs what, since when, how far it is, what memory it
 * takes. `observe` is its only writer. The journal knows nothing of it.
 */
import type { Chunk, Sample } from '../model/chunk.ts'
import type { By, LogRef } from '../model/event.ts'
import type { ItemIndex, ThreadNumber } from '../model/ids.ts'
import { threadNumber } from '../model/ids.ts'
import type { MemoryPlan, WorkKind } from '../model/plan.ts'
import type { Reason } from '../model/reason.ts'
import type { CapBacking } from '../model/snapshot.ts'
import type { Bytes, WallTime } from '../model/units.ts'
import { bytes } from '../model/units.ts'

export interface Live {
  /** Cap of one thread: as asked for, else its share of the budget. */
  cap: Bytes
  /** By thread number - 1. */
  readonly threads: LiveThread[]
  /** What the threads may use right now. */
  budget: Bytes
  backing: CapBacking | undefined
  /** No item expected to need more than this starts now. */
  holdsAbove: Bytes | undefined
  /** Why nothing is handed out although items could run, in words. */
  lacks: string | undefined
  system: Sample['system'] | undefined
  /** What all threads used, every HISTORY_EVERY_MS, oldest first. */
  readonly history: Bytes[]
  historyAt: WallTime
}

export interface LiveThread {
  readonly thread: ThreadNumber
  /** Its process. `none`: not needed yet, or gone for good. */
  process: 'none' | 'starting' | 'ready' | 'replacing' | 'stopping' | 'broken'
  /** What its process can run; undefined: it never had one. */
  kind: WorkKind | undefined
  pid: number | undefined
  /** `draining`: paused once its running item ended. `holding`: once it comes to a tick. `freezing`: a freeze is under way. */
  pause: 'none' | 'draining' | 'holding' | 'freezing' | 'paused'
  /** Whose pause it is, where there is one. */
  pausedBy: By
  /** The governor made it stand still; once it goes on it is to pause after its item, as a person asked. */
  isToDrain: boolean
  /** How often the governor has held it. */
  holds: number
  /** Its item stands at a tick. */
  isHeld: boolean
  /** Its process group is stopped. */
  isFrozen: boolean
  /** Its item is being taken off it, because its memory is needed. */
  isLeaving: boolean
  /** Since when its item stands still; undefined while its clock runs. */
  frozenAt: WallTime | undefined
  /** True: fewer threads were asked for, it takes nothing new. */
  isRetiring: boolean
  held: HeldChunk | undefined
  /** As of the last look. */
  used: Bytes
  cpu: number
  /** What its worker knows of `used`. */
  measured: { readonly heap: Bytes; readonly external: Bytes } | undefined
  /** True: its process has run nothing yet. */
  isFresh: boolean
  /** True: short items have run since the kernel was last asked for a peak: what it would say is theirs as well. */
  isPeakStale: boolean
  /** What a collection between two items left in its process: a cache of its tasks, say. 0: nobody knows of any. */
  keeps: Bytes
  /** Why its process is to be replaced once it is free: it ran out of memory, and does not give all of it back. */
  spent: Reason | undefined
}

/** The chunk a thread holds. */
export interface HeldChunk {
  readonly chunk: Chunk
  /** By place: 1 where the item has ended or was taken back. */
  readonly gone: Uint8Array
  left: number
  /** Place of the item that runs. */
  running: number
  /** When it began, moved by the time it was frozen. */
  since: WallTime
  isEnding: boolean
  fraction: number | undefined
  note: string | undefined
  log: LogRef | undefined
  /** Most memory its thread took while the running item ran; undefined where nobody looked. */
  peak: Bytes | undefined
  /** What the running item is expected to take. */
  expected: Bytes
  /** True: its item is the first and only one of its process, as every command is. */
  readonly isAlone: boolean
  /** True: it undoes what its item did, which has failed for good. */
  readonly isUndo: boolean
  /** What its thread may take: a cap that changes is for the next chunk. */
  readonly cap: Bytes
  /** What the thread held when the chunk came: what an item took can only be told where it took more. */
  leftover: Bytes
}

export function createLive({ perThread, budget }: Pick<MemoryPlan, 'perThread' | 'budget'>): Live {
  return {
    cap: perThread,
    threads: [],
    budget,
    backing: undefined,
    holdsAbove: undefined,
    lacks: undefined,
    system: undefined,
    history: [],
    historyAt: 0 as WallTime,
  }
}

export function createLiveThread(number: number): LiveThread {
  return {
    thread: threadNumber(number),
    process: 'none',
    kind: undefined,
    pid: undefined,
    pause: 'none',
    pausedBy: 'user',
    isToDrain: false,
    holds: 0,
    isHeld: false,
    isFrozen: false,
    isLeaving: false,
    frozenAt: undefined,
    isRetiring: false,
    held: undefined,
    used: bytes(0),
    cpu: 0,
    measured: undefined,
    isFresh: true,
    isPeakStale: false,
    keeps: bytes(0),
    spent: undefined,
  }
}

/** What a thread holds: a command took its memory along when it ended, also where nobody has looked since. */
export function memoryOf({ used, held, kind }: LiveThread): Bytes {
  return kind === 'command' && held === undefined ? bytes(0) : used
}

/** The item a thread runs right now. */
export function runningItem(thread: LiveThread): ItemIndex | undefined {
  return thread.held?.chunk.items[thread.held.running]
}

/** How many threads get on with the run: none where all that runs stands still, however many wait for it. */
export function movingThreads({ threads }: Live): number {
  const holders = threads.filter(({ held }) => held !== undefined)
  if (holders.length > 0 && holders.every(({ pause }) => pause === 'paused')) return 0
  return threads.filter(({ pause, isRetiring }) => pause === 'none' && !isRetiring).length
}
