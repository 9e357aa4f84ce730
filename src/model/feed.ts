/** Where views get a run from. A live run over the socket, a replayed journal and a test look the same to them. */
import type { Answer, Command } from './command.ts'
import type { Reason } from './reason.ts'
import type { RunSnapshot } from './snapshot.ts'
import type { WallTime } from './units.ts'

export interface Feed {
  /** The newest picture; undefined until the first came. Replaced as a whole, never changed in place. */
  readonly snapshot: () => RunSnapshot | undefined
  /** Calls back after every change of the picture or of `status`. Returns the way to stop that. */
  readonly subscribe: (changed: () => void) => () => void
  /** Whether the other side is there. `lost`: it went away without an end of the run. */
  readonly status: () => 'connecting' | 'live' | 'ended' | 'lost'
  readonly send: (command: Command) => Promise<Answer>
  /** The last part of an item's output, newest line last; empty where it wrote none. */
  readonly logTail: (item: number, lines: number) => Promise<readonly string[]>
  /** One page of items, for the items view. */
  readonly items: (query: ItemQuery) => Promise<ItemPage>
  readonly close: () => void
  /** Only of a replayed journal. */
  readonly player?: Player
}

/** What steers a replay. */
export interface Player {
  /** The moment that is shown: clocks of the picture run by it. */
  readonly now: () => WallTime
  /** Times as fast as it was. */
  readonly speed: () => number
  readonly isPaused: () => boolean
  readonly togglePause: () => void
  readonly faster: () => void
  readonly slower: () => void
  /** What a person should know at this moment, such as a silence that is crossed; mostly there is nothing. */
  readonly note: () => string | undefined
}

export type ItemStateWord = 'queued' | 'running' | 'waiting' | 'succeeded' | 'failed' | 'skipped'

export interface ItemQuery {
  readonly states?: readonly ItemStateWord[]
  /** Id of a batch. */
  readonly batch?: string
  /** Only items whose name holds this text. */
  readonly text?: string
  readonly from: number
  readonly count: number
}

export interface ItemRow {
  /** Index; people see it as number index + 1. */
  readonly index: number
  readonly name: string
  /** Id of its batch. */
  readonly batch: string
  readonly state: ItemStateWord
  readonly attempts: number
  readonly ms?: number
  /** Why it failed, is retried or was skipped, in words. */
  readonly reason?: string
}

/** What has become of the undo of an item that failed. */
export type ItemUndo = { readonly state: 'pending' | 'undone' } | { readonly state: 'failed'; readonly reason: Reason }

export interface ItemPage {
  readonly rows: readonly ItemRow[]
  /** How many items match in all. */
  readonly total: number
}
