/** How much an item is expected to take: what its batch has shown, what the plan says, what it has shown itself. */
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'

/** A retry after a failure for memory expects so much more. */
const GROWTH = 1.25

export interface SizeInput {
  /** What nine of ten items of the batch stayed below; undefined until three have ended. */
  readonly learned: Bytes | undefined
  /** The plan's `memory:` for items of the batch. */
  readonly prior: Bytes | undefined
  /** What the item itself has shown before it was ended for memory. */
  readonly own?: { readonly failures: number; readonly peak: Bytes } | undefined
  readonly cap: Bytes
  readonly budget: Bytes
  readonly threads: number
}

/**
 * What an item that runs will likely take in all. Nine of ten take less than is expected of a new one; of many that run together only the
 * sum counts, and that is nearer to their means. What has run as long as most of its kind will hardly grow any more.
 */
export function likelySize({ used, mean, elapsed, long }: LikelyInput): Bytes {
  const left = long === undefined ? 1 : Math.max(0, 1 - elapsed / long)
  return bytes(used + Math.max(0, mean - used) * left)
}

export interface LikelyInput {
  readonly used: Bytes
  /** What others of its batch took in the mean that took more than this. */
  readonly mean: Bytes
  /** How long it runs, in ms. */
  readonly elapsed: number
  /** What nine of ten of its batch took less than, in ms; undefined where nobody knows. */
  readonly long: number | undefined
}

/** Never more than the cap: beyond it no thread would let it go. */
export function expectedSize({ learned, prior, own, cap, budget, threads }: SizeInput): Bytes {
  const unknown = Math.min(cap, budget / Math.max(1, threads)) / 2
  const usual = learned ?? prior ?? unknown
  const grown = own ? Math.max(usual, own.peak) * GROWTH ** own.failures : usual
  return bytes(Math.min(cap, Math.round(grown)))
}
