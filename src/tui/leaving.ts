/** Ways out: detach, stop, the end of the run, a lost supervisor, a signal. None of them is ever taken without being meant. */

import { isOver, type ScreenState } from './state.ts'
import type { Steering } from './steering.ts'
import type { ScreenStore } from './store.ts'

/**
 * How people left the screen. `detached`: the run goes on. `ended`: it was over. `stopping`: it finishes what runs, and the
 * caller may wait for its end. `lost`: the supervisor went away.
 */
export interface ScreenExit {
  readonly how: 'detached' | 'ended' | 'stopping' | 'lost'
}

export interface Leaving {
  readonly detach: () => void
  readonly quit: () => void
  readonly interrupt: () => void
  /** Answers the question; true where the key was an answer. */
  readonly answer: (key: string) => boolean
  /** The terminal or the process is about to go away. */
  readonly signalled: () => void
}

interface LeavingOptions {
  readonly store: ScreenStore
  readonly steering: Steering
  readonly exit: (exit: ScreenExit) => void
}

/** The way out that needs no question, if there is one. */
function freeExit(state: ScreenState): ScreenExit | undefined {
  if (state.replay !== undefined) return { how: 'detached' }
  if (isOver(state)) return { how: 'ended' }
  if (state.status === 'lost') return { how: 'lost' }
  if (state.snapshot === undefined) return { how: 'detached' }
  return state.snapshot.head.state === 'draining' ? { how: 'stopping' } : undefined
}

export function createLeaving({ store, steering, exit }: LeavingOptions): Leaving {
  const close = (): void => {
    store.update({ prompt: undefined })
  }
  const quitOr = (by: 'q' | 'd' | 'ctrl-c'): void => {
    const way = freeExit(store.get())
    if (way === undefined) store.update({ prompt: { kind: 'leave', by }, notice: undefined })
    else exit(way)
  }
  const stop = (isNow: boolean): void => {
    close()
    steering.stop(isNow)
  }
  /** A run that belongs to this command cannot be left: the nearest is to let it finish what runs. */
  const leaveOrStop = (): void => {
    const state = store.get()
    if (!state.isBound) exit({ how: 'detached' })
    else if (state.readOnly) exit({ how: 'detached' })
    else stop(false)
  }
  return {
    detach: () => {
      const way = freeExit(store.get())
      if (way !== undefined) exit(way)
      else if (store.get().isBound) quitOr('d')
      else exit({ how: 'detached' })
    },
    quit: () => {
      quitOr('q')
    },
    interrupt: () => {
      if (store.get().prompt?.kind === 'leave') leaveOrStop()
      else quitOr('ctrl-c')
    },
    answer: (key) => {
      if (store.get().prompt?.kind !== 'leave') return false
      if (key === 'd' && !store.get().isBound) exit({ how: 'detached' })
      else if (key === 's') stop(false)
      else if (key === 'S') stop(true)
      else if (key === 'escape' || key === 'q' || key === 'n') close()
      else return key !== 'ctrl-c'
      return true
    },
    signalled: () => {
      const state = store.get()
      const way = freeExit(state)
      if (way !== undefined) exit(way)
      else if (state.isBound) void steering.stopWithGrace().then(() => exit({ how: 'stopping' }))
      else exit({ how: 'detached' })
    },
  }
}
