/** Why an attempt did not succeed, and why an item never ran. */
import type { Bytes } from './units.ts'

export type Reason =
  | { readonly kind: 'threw'; readonly message: string; readonly code?: string }
  /** A command ended with a code that is not 0. */
  | { readonly kind: 'exit'; readonly message: string /** The number, as text. */; readonly code: string }
  /** A command was ended by a signal; no shell can tell an exit with 128 and more from one. */
  | { readonly kind: 'signal'; readonly message: string /** Such as `SIGTERM`. */; readonly code: string }
  /** It succeeded, but what it should have made is not there, or its value is none. */
  | { readonly kind: 'output'; readonly message: string }
  | { readonly kind: 'timeout'; readonly message: string }
  /** The thread's process died under it (reported after three such deaths of one item). */
  | { readonly kind: 'lost'; readonly message: string; readonly code?: string }
  /** It took more than its thread may, or its thread was ended to save the others. */
  | {
      readonly kind: 'memory'
      readonly message: string
      readonly peak?: Bytes
      /** Given where it met the cap of its thread, as a whole or with its heap. */
      readonly cap?: Bytes
      /** True: its process had run nothing before it, so that all of it was its own. */
      readonly wasAlone?: boolean
    }
  /** The batch's `setup` threw. */
  | { readonly kind: 'setup'; readonly message: string; readonly code?: string }
  /** A person ended it. */
  | { readonly kind: 'user'; readonly message: string }

/** Why an item was skipped. */
export type Because =
  | { readonly kind: 'need' /** Batch or phase that can no longer be met. */; readonly id: string }
  | { readonly kind: 'user' }

/** How often an item may fail for memory, apart from what `retry` allows. */
export const MAX_MEMORY_FAILURES = 3

/** How often an item may lose its host process before it counts as the cause. */
export const MAX_LOSSES = 3

/** How many supervisors may die while an item is on a thread before it counts as the cause. */
export const MAX_DEATHS = 5
