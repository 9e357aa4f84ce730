/** How long until the next look: seldom while nothing can happen, often where a thread could be through its cap before it is seen. */
import type { Governor } from './governor.ts'
import { AHEAD_MS } from './growth.ts'
import type { ThreadLook } from './look.ts'
import type { Scene } from './scene.ts'

const SELDOM_MS = 500
const OFTEN_MS = 50
const ALWAYS_MS = 20

/** Nobody fills memory faster, in bytes a millisecond: a core writes about 1 GB in a second. */
const FASTEST = 2 ** 20

type Seen = Pick<Scene, 'threads' | 'budget'>

export function pace(governor: Governor, { threads, budget }: Seen): number {
  const used = threads.reduce((sum, thread) => sum + thread.used, 0)
  const soon = used + governor.growth.rate * (SELDOM_MS + AHEAD_MS)
  const running = threads.filter(({ state }) => state === 'running' || state === 'stopping')
  const fullest = Math.max(0, ...running.map((thread) => thread.used / thread.cap))
  const areStanding = threads.some(({ state, by }) => state === 'standing' && by === 'governor')
  const share = Math.max(soon / budget, fullest)
  if (share >= 0.8 || governor.over.size > 0 || areStanding) return ALWAYS_MS
  // An item that nobody knows yet may take all its thread may.
  const worst = running.reduce(
    (sum, { expected, cap, isKnown, used: has }) => sum + Math.max(0, (isKnown ? expected : cap) - has),
    used,
  )
  const isNear = share >= 0.6 || worst / budget >= 0.6 || fullest >= 0.5
  return isNear || soonestTrouble(running, budget - used) < SELDOM_MS ? OFTEN_MS : SELDOM_MS
}

/** How long it takes until one is through its cap, or all together through the rest of the budget, if they grow as fast as any can. */
function soonestTrouble(running: readonly ThreadLook[], rest: number): number {
  const caps = running.map(({ cap, used }) => cap - used)
  return Math.min(...caps, running.length > 0 ? rest / running.length : Infinity) / FASTEST
}
