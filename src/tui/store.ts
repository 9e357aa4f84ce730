/**
 * The one store of the screen. The feed's changes are gathered and drawn at most four times a second, keys at once, and
 * while nothing changes but the clock once a second. A terminal that takes nothing is given nothing.
 */
import type { Feed, Player } from '../model/feed.ts'
import type { WallTime } from '../model/units.ts'
import { initialState, isOver, type ReplayState, type ScreenState, type StateOptions } from './state.ts'

/** Milliseconds between two pictures that the feed asked for; a replay is a film. */
const FRAME = 250
const REPLAY_FRAME = 100
/** Milliseconds for which the last picture of a run stays unless a key is pressed. */
const COUNTDOWN = 5000

export interface StoreOptions extends StateOptions {
  readonly feed: Feed
  /** Of the person who looks. */
  readonly now: () => WallTime
  /** False while the terminal has not taken the last picture. */
  readonly canDraw: () => boolean
  /** Gets what was thrown while a picture was made; the last one stays. */
  readonly fail: (error: unknown) => void
}

export interface ScreenStore {
  readonly get: () => ScreenState
  readonly subscribe: (changed: () => void) => () => void
  /** Changes the state and draws at once. */
  readonly update: (change: Partial<ScreenState>) => void
  /** Takes the feed's newest picture and the time, and draws. */
  readonly refresh: () => void
  /** Follows the feed and the clock until the returned function is called. */
  readonly start: () => () => void
}

export function createStore(options: StoreOptions): ScreenStore {
  const { feed, now, canDraw, fail } = options
  const { columns, rows, looks, readOnly, isBound } = options
  const listeners = new Set<() => void>()
  let state = initialState(now(), { columns, rows, looks, readOnly, isBound })
  const { player } = feed
  const frameMs = player === undefined ? FRAME : REPLAY_FRAME
  let drawnAt = 0
  let frame: NodeJS.Timeout | undefined

  const publish = (next: ScreenState): void => {
    drawnAt = next.wall
    try {
      state = settled(next)
      for (const listener of listeners) listener()
    } catch (error) {
      fail(error)
    }
  }
  const times = (): Pick<ScreenState, 'now' | 'wall' | 'replay'> => {
    const wall = now()
    return { now: player?.now() ?? wall, wall, replay: player && replayOf(player) }
  }
  const take = (): Partial<ScreenState> => ({ snapshot: feed.snapshot(), status: feed.status(), ...times() })
  const refresh = (): void => {
    frame = undefined
    if (canDraw()) publish({ ...state, ...take() })
    else schedule()
  }
  const schedule = (): void => {
    frame ??= setTimeout(refresh, Math.max(0, Math.min(frameMs, drawnAt + frameMs - now())))
  }
  return {
    get: () => state,
    subscribe: (changed) => {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
    update: (change) => {
      publish({ ...state, ...change, ...times() })
    },
    refresh,
    start: () => {
      const stopFeed = feed.subscribe(schedule)
      const clock = setInterval(() => {
        if (now() - drawnAt >= frameMs) refresh()
      }, 1000)
      refresh()
      return () => {
        stopFeed()
        clearInterval(clock)
        clearTimeout(frame)
      }
    },
  }
}

const replayOf = (player: Player): ReplayState => ({
  speed: player.speed(),
  isPaused: player.isPaused(),
  note: player.note(),
})

/** What follows from the rest: a notice that is over, a thread that is gone, the countdown of a run that has ended. */
function settled(state: ScreenState): ScreenState {
  const { notice, wall, snapshot, leaveAt } = state
  const numbers = snapshot?.threads.map(({ thread }): number => thread) ?? []
  const last = numbers.at(-1) ?? 1
  // Who replays a run came to look at it: its end is no reason to go.
  const isCounting = isOver(state) && !state.stays && state.replay === undefined
  return {
    ...state,
    prompt: isOver(state) && state.prompt?.kind === 'leave' ? undefined : state.prompt,
    notice: notice !== undefined && notice.until > wall ? notice : undefined,
    thread: snapshot === undefined || numbers.includes(state.thread) ? state.thread : Math.min(last, state.thread),
    leaveAt: isCounting ? (leaveAt ?? ((wall + COUNTDOWN) as WallTime)) : undefined,
  }
}
