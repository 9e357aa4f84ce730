/**
 * One thread's share. At the cap its item stands still and its garbage is collected; where that does not help the attempt has failed, and
 * the process goes, so that all of its memory comes back. What can neither stand nor collect has a moment to come down by itself.
 */
import { sizeText } from '../../model/size-text.ts'
import type { Governor } from '../governor.ts'
import type { Action, ThreadLook } from '../look.ts'
import type { Scene } from '../scene.ts'
import { askReclaim } from './reclaim.ts'

/** So far above the cap nothing is waited for, where all together have no room for it. */
const FAR = 1.1

/** An item that does not come to a tick in this time does not hear. */
const DEAF_MS = 250

/** So little above the cap an item may come down by itself for longer, where nobody else needs the room. */
const NEARLY = 1.05
const NEARLY_MS = 750

/** After a collection the system shows the memory as free a moment later. */
const FELT_MS = 60

/** Between two guards of one thread. */
const AGAIN_MS = 1000

/** A collection is not waited for where so much of the cap is free again. */
const FREE_AGAIN = 0.9

/** Longest wait for a collection: of 2 GB that live it takes seconds on a busy machine. */
const PATIENCE_MS = 10_000

export function guardCaps(governor: Governor, scene: Scene): readonly Action[] {
  return scene.threads.flatMap((thread) => guardCap(governor, scene, thread))
}

function guardCap(governor: Governor, scene: Scene, look: ThreadLook): readonly Action[] {
  const { thread, used, cap, state, by } = look
  const { now } = scene
  const since = governor.over.get(thread)
  // A person's pause is never undone, and what stands does not grow.
  const isOurs = state === 'running' || ((state === 'stopping' || state === 'standing') && by === 'governor')
  if (!isOurs || used <= cap) {
    if (since === undefined) return []
    if (isOurs && isCollecting(governor, look, now - since)) return []
    governor.over.delete(thread)
    return isOurs ? down(governor, scene, look) : []
  }
  const why = `${sizeText(used)} of its ${sizeText(cap)}`
  if (used > cap * FAR && scene.ahead >= governor.lines.pause) return over(governor, look, { why, isSure: false })
  if (since === undefined) {
    // What litters near its cap is stopped now and then, not all the time.
    const isFresh = now - (governor.guarded.get(thread) ?? -Infinity) < AGAIN_MS
    if (isFresh && look.can.reclaim && used <= cap * FAR) return []
    governor.guarded.set(thread, now)
    governor.over.set(thread, now)
    if (!look.can.reclaim) return []
    askReclaim(governor, thread, now)
    return [{ stage: 'guard', thread, why }]
  }
  return isHopeless(governor, scene, look) ? over(governor, look, { why, isSure: true }) : []
}

/** It stands, is a little below its cap, and will have more when its collection is through. */
function isCollecting({ reclaims }: Governor, { thread, used, cap, state }: ThreadLook, passed: number): boolean {
  if (state === 'running' || used <= cap * FREE_AGAIN || passed >= PATIENCE_MS) return false
  return reclaims.get(thread)?.isAsked === true
}

/** Below its cap again. Where all together are at a line, it stands like others that the ladder paused. */
function down(governor: Governor, { now, ahead }: Scene, { thread, used, state }: ThreadLook): readonly Action[] {
  // Nothing at all: its process is gone, and that is told in a moment.
  if (used === 0 || state === 'running' || (state === 'standing' && ahead >= governor.lines.pause)) return []
  governor.resumed.set(thread, now)
  return [{ stage: 'resume', thread, why: `down to ${sizeText(used)}` }]
}

function isHopeless(governor: Governor, { now, ahead }: Scene, look: ThreadLook): boolean {
  const { reclaims, over: all, lines } = governor
  const { thread, state, can, isFrozen, used, cap } = look
  const asked = reclaims.get(thread)
  const since = all.get(thread) ?? now
  const hasCollected = asked !== undefined && !asked.isAsked && asked.doneAt >= since
  if (hasCollected) return now - asked.doneAt >= FELT_MS
  const isDeaf = !can.hold || isFrozen || state !== 'standing'
  if (!isDeaf) return now - since >= PATIENCE_MS
  return now - since >= (ahead < lines.pause && used <= cap * NEARLY ? NEARLY_MS : DEAF_MS)
}

function over(
  governor: Governor,
  { thread }: ThreadLook,
  how: { readonly why: string; readonly isSure: boolean },
): readonly Action[] {
  governor.over.delete(thread)
  return [{ stage: 'overCap', thread, ...how }]
}
