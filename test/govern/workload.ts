/** Made-up items for the simulation: how their memory goes, and a generator of numbers that a seed repeats. */
import type { Bytes } from '../../src/model/units.ts'
import { bytes } from '../../src/model/units.ts'

export const MB = 2 ** 20

/** What a process holds before it has done anything, and what no collection frees. */
export const BASE = 40 * MB
export const SHELL_BASE = 2 ** 20

export interface FakeItem {
  readonly id: number
  readonly batch: number
  /** ramp: grows all along. plateau: grows early and stays. burst: one large allocation in the middle. leak: ramp beyond every cap. */
  readonly kind: 'ramp' | 'plateau' | 'burst' | 'leak'
  /** What it holds alive at most. */
  readonly peak: Bytes
  /** How long it takes when nothing stops it. */
  readonly ms: number
  /** Garbage it makes, in bytes a millisecond. */
  readonly litter: number
  /** It neither stands at a tick nor collects: only a freeze stops it. */
  readonly isDeaf: boolean
  /** Its garbage is no Buffer: the engine collects it by itself now and then. */
  readonly isHeap: boolean
  /** Share of its memory that stays with its idle thread. */
  readonly left: number
}

/** @returns numbers in 0..1, the same for the same seed */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What an item holds alive after so much work. */
export function liveAt({ kind, peak, ms }: FakeItem, progress: number): number {
  const done = Math.min(1, progress / ms)
  if (kind === 'plateau') return peak * Math.min(1, done * 5)
  if (kind === 'burst') return done >= 0.45 && done < 0.7 ? peak : peak * 0.15
  return peak * done
}

export interface WorkloadOptions {
  readonly items: number
  readonly cap: Bytes
  /** Largest item that is no leak, as a share of the cap. */
  readonly largest?: number
  /** Share of items that never fit their cap. */
  readonly leaks?: number
  readonly deaf?: number
}

/** Items of four batches with sizes nobody knows. */
export function workload(random: () => number, options: WorkloadOptions): FakeItem[] {
  const { items, cap, largest = 0.95, leaks = 0, deaf = 0.06 } = options
  return Array.from({ length: items }, (_, id) => {
    const batch = Math.floor(random() * 4)
    const isLeak = random() < leaks
    // Small and large ones: squares make small ones frequent.
    const room = cap * largest - BASE
    const kinds = ['ramp', 'plateau', 'burst', 'ramp'] as const
    const peak = bytes(Math.round(isLeak ? cap * (1.5 + random()) : room * (0.05 + 0.95 * random() ** 2)))
    return {
      id,
      batch,
      kind: isLeak ? 'leak' : (kinds[batch] ?? 'ramp'),
      peak,
      // No core fills more than 1 GB in a second.
      ms: Math.max(peak / MB, 100 + Math.round(random() ** 2 * 4000)),
      litter: random() < 0.5 ? 0 : random() * 0.15 * MB,
      isDeaf: random() < deaf,
      isHeap: random() < 0.5,
      left: random() < 0.5 ? 0 : random(),
    }
  })
}
