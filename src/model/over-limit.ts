/** Why an old run may go. */
import type { Bytes, Millis } from './units.ts'

/** A limit for what is kept of old runs, and by what a run is over it. */
export type OverLimit =
  | { readonly kind: 'count'; readonly keep: number }
  /** `past`: since it ended; where it has not, since it began. */
  | { readonly kind: 'age'; readonly hasEnded: boolean; readonly past: Millis }
  /** It and the newer ones take more than `most`. */
  | { readonly kind: 'size'; readonly most: Bytes }
