/**
 * Garbage is given back to the system: threads without work first, then the heaviest. While an item finds no room, that of threads without
 * work at once: it is in the way of nobody else.
 */
import type { Governor } from '../governor.ts'
import type { Action, ThreadLook } from '../look.ts'
import type { Scene } from '../scene.ts'
import { isAnyWaiting } from '../turns.ts'
import { inSight } from '../words.ts'

/** A host has 25 to 40 MB that no collection can free. */
const LEAST = 64 * 2 ** 20

/** A collection costs what lives, not what is freed: one that gave nothing is not asked for again soon. */
const AGAIN_MS = 800
const USELESS_AGAIN_MS = 4000
const USELESS = 0.05
const SELDOM_OF_USE = 0.15

/** More at once would only take cores from the work. */
const AT_ONCE = 2

export function reclaim(governor: Governor, scene: Scene): readonly Action[] {
  const isNear = scene.ahead >= governor.lines.reclaim
  if (!isNear && !isAnyWaiting(governor, scene.now)) return []
  const isForRunners = scene.ahead >= runnersLine(governor)
  const able = scene.threads.filter((thread) => {
    return (isForRunners || thread.state === 'idle') && isWorthIt(governor, thread, scene.now)
  })
  const order = able.toSorted((a, b) => Number(b.state === 'idle') - Number(a.state === 'idle') || b.used - a.used)
  return order.slice(0, AT_ONCE).map(({ thread, state }) => {
    askReclaim(governor, thread, scene.now, state !== 'idle')
    return { stage: 'reclaim', thread, why: inSight(scene) }
  })
}

function isWorthIt({ reclaims }: Governor, { thread, used, can, isFrozen, state }: ThreadLook, now: number): boolean {
  if (!can.reclaim || isFrozen || state === 'leaving' || used < LEAST) return false
  const before = reclaims.get(thread)
  if (!before) return true
  if (before.isAsked) return false
  return now - before.askedAt >= (before.share < USELESS ? USELESS_AGAIN_MS : AGAIN_MS)
}

/** Where items hardly litter, collecting theirs only costs: then it is the last thing before a pause. */
function runnersLine({ lines, usefulness }: Governor): number {
  return usefulness < SELDOM_OF_USE ? lines.pause : lines.reclaim
}

/** Notes that a thread was asked, by whomever. */
export function askReclaim({ reclaims }: Governor, thread: ThreadLook['thread'], now: number, isRunners = false): void {
  const before = reclaims.get(thread)
  reclaims.set(thread, {
    isAsked: true,
    isRunners,
    askedAt: now,
    doneAt: before?.doneAt ?? 0,
    share: before?.share ?? 1,
  })
}
