/** A look with what the stages need of it. */
import type { Governor } from './governor.ts'
import { AHEAD_MS, observeGrowth } from './growth.ts'
import type { Look, ThreadLook } from './look.ts'

/** Shares are of the budget. */
export interface Scene extends Look {
  readonly used: number
  /** Of the memory in use. */
  readonly share: number
  /** Of what will be in use in a moment, as it grows now. */
  readonly ahead: number
  readonly isGrowing: boolean
  /** Threads whose item gets on, youngest item first. */
  readonly runners: readonly ThreadLook[]
  /** Threads that the governor made stand still, oldest item first; without those above their cap. */
  readonly paused: readonly ThreadLook[]
}

/** The only writer of the governor's growth and settling. */
export function sceneOf(governor: Governor, look: Look): Scene {
  const { now, budget, threads } = look
  const used = threads.reduce((total, thread) => total + thread.used, 0)
  observeGrowth(governor.growth, used, now)
  const { rate } = governor.growth
  const { settling } = governor
  if (settling && (now >= settling.until || used <= settling.below)) governor.settling = undefined
  return {
    ...look,
    used,
    share: used / budget,
    ahead: (used + rate * AHEAD_MS) / budget,
    isGrowing: (rate * 1000) / budget > 0.01,
    runners: threads.filter(({ state }) => state === 'running').toSorted((a, b) => b.began - a.began),
    paused: threads
      .filter(({ thread, state, by }) => state === 'standing' && by === 'governor' && !governor.over.has(thread))
      .toSorted((a, b) => a.began - b.began),
  }
}
