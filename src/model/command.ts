/** What a client asks of a live supervisor: requests in the imperative, each answered once. */
import type { ItemIndex, ThreadNumber } from './ids.ts'
import type { Json } from './json.ts'
import type { Millis } from './units.ts'

/** Which threads a pause or resume means; nothing given: all. */
export interface ThreadSelection {
  readonly threads?: readonly ThreadNumber[]
  /** Id of a batch: nothing of it starts, threads that run its items pause. */
  readonly batch?: string
}

export type Command =
  | ({
      readonly verb: 'pauseThreads'
      /** True: running items finish first. False: they freeze at once. */
      readonly drain: boolean
    } & ThreadSelection)
  | ({ readonly verb: 'resumeThreads' } & ThreadSelection)
  /** `-j`, `+1`, `-1`, live. `by` is relative, `to` absolute. */
  | { readonly verb: 'setThreads'; readonly to?: number; readonly by?: number }
  | { readonly verb: 'retryItems'; readonly items: 'failed' | readonly ItemIndex[] }
  | { readonly verb: 'skipItems'; readonly items: readonly ItemIndex[] }
  /** Ends one running attempt; nothing happens if `attempt` is given and that attempt has ended meanwhile. */
  | { readonly verb: 'endItem'; readonly item: ItemIndex; readonly attempt?: number; readonly isNow: boolean }
  | { readonly verb: 'stopRun'; readonly isNow: boolean; readonly grace?: Millis }
  /** A checkpoint now; answered once it is on disk. */
  | { readonly verb: 'takeCheckpoint' }
  /** Threads collect their garbage now; answered with what that gave. */
  | { readonly verb: 'reclaimMemory' }
  /** Why an item is not running, or how it ended: one sentence or several. */
  | { readonly verb: 'explainItem'; readonly item: ItemIndex }
  /** Where the output of the running attempt of an item stands so far. */
  | { readonly verb: 'locateLog'; readonly item: ItemIndex }

export type Verb = Command['verb']

/** What came of a command. `message` is for people. */
export type Answer =
  | { readonly ok: true; readonly message: string; readonly data?: Json }
  | {
      readonly ok: false
      readonly code: string
      readonly message: string
      readonly hint?: string
      readonly exit: number
    }
