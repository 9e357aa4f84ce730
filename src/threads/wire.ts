/**
 * What the processes of a thread say to each other: supervisor ↔ host over the IPC channel (JSON), host ↔ worker through Piscina.
 * A chunk of no-ops must cost little, so plain successes travel as bare numbers.
 */
import type { BatchWork, Chunk, ModuleBatch } from '../model/chunk.ts'
import type { ItemIndex } from '../model/ids.ts'
import type { Reason } from '../model/reason.ts'
import type { Fields } from '../model/template.ts'

/** Items without value or output that succeeded one after another: first place, then a time for each in 1/100 ms. */
export type SuccessRun = readonly number[]

/** Any other end of an attempt. */
export interface Detail {
  readonly place: number
  /** Time in 1/100 ms; left out where the worker died under the item. */
  readonly time?: number
  /** JSON text. */
  readonly value?: string
  readonly log?: WireLog
  /** How many processes it left behind. */
  readonly leftover?: number
  readonly failure?: Failure
}

/** File, offset, length. */
export type WireLog = readonly [number, number, number]

export type Failure =
  /** The thread was told to end it: the supervisor knows why. */
  | { readonly how: 'ended' }
  | { readonly how: 'failed'; readonly reason: Reason; readonly isRetryable: boolean; readonly retryAfter?: number }

export type WireResult = SuccessRun | Detail

export function isSuccessRun(result: WireResult): result is SuccessRun {
  return Array.isArray(result)
}

export function hasPlace(results: readonly WireResult[], place: number): boolean {
  return results.some((result) => {
    if (!isSuccessRun(result)) return result.place === place
    const [from = 0] = result
    return place >= from && place < from + result.length - 1
  })
}

/** Why an attempt is ended before its time: what its abort signal says. */
export type EndWhy = 'timeout' | 'user' | 'stop' | 'memory'

/** A chunk on its way: what is the same for all its items is said once. */
export interface WireChunk {
  readonly id: number
  /** Left out where the other side still has it from the chunk before. */
  readonly batch?: ModuleBatch
  /** The first one, where each is one more than the one before. */
  readonly items: number | readonly ItemIndex[]
  readonly names: readonly string[]
  /** As in `Chunk`. */
  readonly fields?: readonly Fields[]
  /** One number where all are the same. */
  readonly attempts: number | readonly number[]
  /** `task` and `with` of this chunk's items that differ, by item index. */
  readonly special: BatchWork['special']
}

export type ToHost =
  | { readonly do: 'run'; readonly chunk: WireChunk }
  /** Give back what has not begun. Always answered with `taken`. */
  | { readonly do: 'take'; readonly chunk: number }
  /** End the attempt at this place if it runs; without a place whatever runs, and take the rest back. */
  | {
      readonly do: 'end'
      readonly chunk: number
      readonly place?: number
      readonly why: EndWhy
      readonly isNow: boolean
    }
  /** What is wished of the worker from now on; a new hold takes back what has not begun. Saying the same again changes nothing. */
  | ({ readonly do: 'wish' } & Wishes)
  /** Collect garbage once. Answered with `reclaimed`. */
  | { readonly do: 'reclaim' }
  | { readonly do: 'stop' }

export interface Wishes {
  /** Every hold has a number of its own, from 1. Left out: none is wished. */
  readonly hold?: number
  /** In bytes: what items may leave before the worker collects by itself. Left out: it never does. */
  readonly tidy?: number
}

export type FromHost =
  | { readonly is: 'ready' }
  | {
      readonly is: 'results'
      readonly chunk: number
      readonly results: readonly WireResult[]
      /** Nothing of the chunk is left in the host. */
      readonly isEnd: boolean
    }
  | { readonly is: 'taken'; readonly chunk: number; readonly places: readonly number[] }
  | {
      readonly is: 'progress'
      readonly chunk: number
      readonly place: number
      readonly fraction?: number
      readonly note?: string
      readonly log?: WireLog
    }
  /** The running item stands at a tick. */
  | { readonly is: 'held'; readonly hold: number }
  | { readonly is: 'reclaimed'; readonly freed: number; readonly ms: number }
  /** Of the worker, in bytes. */
  | { readonly is: 'measured'; readonly heap: number; readonly external: number }

/** What a worker tells of itself, beside the results of its chunk; goes to the supervisor as it is. */
export type WorkerNote = Extract<FromHost, { is: 'held' | 'reclaimed' }>

/** What the host hands to its worker as one Piscina task. */
export type WorkerTask =
  | { readonly do: 'warm' }
  /** `problem`: the items cannot run at all, for example because their folder is missing. */
  | { readonly do: 'run'; readonly chunk: WireChunk; readonly problem?: string }
  | { readonly do: 'teardown' }
  | { readonly do: 'reclaim' }

/** What came since the worker's last message; `posts` counts the messages of the chunk before this one. */
export interface WorkerAnswer {
  readonly chunk: number
  readonly results: readonly WireResult[]
  readonly posts: number
}

/** Makes a chunk small. `isKnown`: the host still has this batch. */
export function packChunk(chunk: Chunk, isKnown: boolean): WireChunk {
  const [item = 0 as ItemIndex] = chunk.items
  const [attempt = 1] = chunk.attempts
  const special: Record<string, BatchWork['special'][string]> = {}
  for (const index of chunk.items) {
    const own = chunk.batch.special[index]
    if (own) special[index] = own
  }
  return {
    id: chunk.id,
    // A batch of an explicit list may have thousands of special items: only those of this chunk travel.
    ...(isKnown ? {} : { batch: { ...(chunk.batch as ModuleBatch), special: {} } }),
    items: chunk.items.every((index, place) => index === item + place) ? item : chunk.items,
    names: chunk.names,
    ...(chunk.fields ? { fields: chunk.fields } : {}),
    attempts: chunk.attempts.every((one) => one === attempt) ? attempt : chunk.attempts,
    special,
  }
}
