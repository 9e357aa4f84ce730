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

/** Never more than the cap: beyond it no thread would let it go. */
export function expectedSize({ learned, prior, own, cap, budget, threads }: SizeInput): Bytes {
  const unknown = Math.min(cap, budget / Math.max(1, threads)) / 2
  const usual = learned ?? prior ?? unknown
  const grown = own ? Math.max(usual, own.peak) * GROWTH ** own.failures : usual
  return bytes(Math.min(cap, Math.round(grown)))
}
