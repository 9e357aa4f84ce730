/** What the screen shows besides the run itself: which view, what is selected, what is asked. Never changed in place. */
import type { Feed, ItemRow } from '../model/feed.ts'
import type { RunSnapshot } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import type { PanelName } from '../view/layout.ts'
import type { Looks, Tone } from '../view/row.ts'

/** `threads` is the whole picture; the others give one panel all the room. */
export type ViewName = 'threads' | 'batches' | 'items' | 'timeline' | 'memory' | 'events'

/** An item that a key means, with what is known about its attempt. */
export interface ItemTarget {
  readonly index: number
  readonly name: string
  readonly attempt: number
  /** Whether it runs, so that ending it makes sense. */
  readonly isRunning: boolean
  /** Its row, where it was chosen from the list of items. */
  readonly row?: ItemRow
}

export type Overlay =
  | { readonly kind: 'help'; readonly from: number }
  | { readonly kind: 'log'; readonly item: ItemTarget; readonly from: number }
  | { readonly kind: 'thread'; readonly thread: number; readonly item: ItemTarget | undefined; readonly why?: string }
  | { readonly kind: 'item'; readonly item: ItemTarget; readonly row: ItemRow; readonly why?: string }
  | { readonly kind: 'batch'; readonly batch: number }

export type Prompt =
  /** `ctrl-c`: pressing it again leaves. */
  | { readonly kind: 'leave'; readonly by: 'q' | 'd' | 'ctrl-c' }
  | { readonly kind: 'end'; readonly item: ItemTarget; readonly isNow: boolean }
  | { readonly kind: 'search'; readonly text: string }

interface Notice {
  readonly text: string
  readonly tone?: Tone
  readonly until: WallTime
}

export type ItemFilter = 'all' | 'failed' | 'running' | 'waiting'
export type ItemSort = 'plan' | 'slowest' | 'tries'

export interface ItemsState {
  readonly text: string
  readonly filter: ItemFilter
  readonly sort: ItemSort
  /** Place in the filtered list. */
  readonly selected: number
  /** What was loaded: the rows from place `from` on. */
  readonly rows: readonly ItemRow[]
  readonly from: number
  readonly total: number
  readonly isLoading: boolean
}

interface LogState {
  readonly item: number
  readonly lines: readonly string[]
}

/** How a replay stands; it is over when `status` says so. */
export interface ReplayState {
  readonly speed: number
  readonly isPaused: boolean
  /** What a person should know just now. */
  readonly note: string | undefined
}

export interface ScreenState {
  readonly snapshot: RunSnapshot | undefined
  readonly status: ReturnType<Feed['status']>
  /** The moment that is shown: of a replay not that of the person who looks. */
  readonly now: WallTime
  /** The time of the person who looks: notices and countdowns go by it. */
  readonly wall: WallTime
  /** Undefined: a live run. */
  readonly replay: ReplayState | undefined
  readonly columns: number
  readonly rows: number
  readonly looks: Looks
  readonly readOnly: boolean
  /** The run ends with this command. */
  readonly isBound: boolean
  readonly view: ViewName
  /** The panel of the whole picture that arrows move in. */
  readonly focus: PanelName
  readonly isZoomed: boolean
  readonly overlay: Overlay | undefined
  /** Number of the selected thread. */
  readonly thread: number
  /** Index of the selected batch; undefined: the list follows the work. */
  readonly batch: number | undefined
  /** How many of the newest events are scrolled away. */
  readonly eventsFrom: number
  readonly items: ItemsState
  readonly log: LogState | undefined
  readonly prompt: Prompt | undefined
  readonly notice: Notice | undefined
  /** When the screen of an ended run closes by itself. */
  readonly leaveAt: WallTime | undefined
  /** A key was pressed during the countdown: the screen stays. */
  readonly stays: boolean
}

export interface StateOptions {
  readonly columns: number
  readonly rows: number
  readonly looks: Looks
  readonly readOnly: boolean
  readonly isBound: boolean
}

export function initialState(wall: WallTime, options: StateOptions): ScreenState {
  return {
    snapshot: undefined,
    status: 'connecting',
    now: wall,
    wall,
    replay: undefined,
    ...options,
    view: 'threads',
    focus: 'threads',
    isZoomed: false,
    overlay: undefined,
    thread: 1,
    batch: undefined,
    eventsFrom: 0,
    items: { text: '', filter: 'all', sort: 'plan', selected: 0, rows: [], from: 0, total: 0, isLoading: true },
    log: undefined,
    prompt: undefined,
    notice: undefined,
    leaveAt: undefined,
    stays: false,
  }
}

/** The run is over, or nobody is there who could go on with it. */
export const isOver = (state: ScreenState): boolean =>
  state.status === 'ended' || state.snapshot?.head.state === 'ended' || state.snapshot?.head.state === 'interrupted'
