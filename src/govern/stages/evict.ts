/**
 * An item goes back to the queue so that the others can go on: at `act` the youngest that stands still, at the last line the youngest of all
 * at once. Never the only one, and never for memory that others hold, unless the machine itself is in danger.
 */
import type { Governor } from '../governor.ts'
import { hasJust, settle } from '../governor.ts'
import type { Action, ThreadLook } from '../look.ts'
import type { Scene } from '../scene.ts'
import { inUse } from '../words.ts'

const REQUEUE_AGAIN_MS = 250
const KILL_AGAIN_MS = 120
/** What others hold is looked at twice a second only. */
const SQUEEZED_AGAIN_MS = 1000

/** Less than this saves no machine. */
const WORTH_ENDING = 64 * 2 ** 20

/** So long a pause may take to be felt. */
const STOOD_MS = 100

export function evict(governor: Governor, scene: Scene): readonly Action[] {
  const { lines } = governor
  if (governor.settling || shareToStay(scene) < lines.act || !isAllowed(scene)) return []
  const culprits = scene.threads.filter(({ thread }) => governor.over.has(thread))
  if (culprits.length > 0) return endCulprit(governor, scene, culprits)
  const able = [...scene.runners, ...scene.paused.toReversed()].toSorted((a, b) => b.began - a.began)
  if (able.length <= 1) return scene.isSqueezed ? endLast(governor, scene, able) : []
  if (scene.share >= lines.kill && !scene.isSqueezed && !hasJust(governor, 'kill', scene.now, KILL_AGAIN_MS))
    return evicted(governor, scene, { victim: able[0], stage: 'kill' })
  const again = scene.isSqueezed ? SQUEEZED_AGAIN_MS : REQUEUE_AGAIN_MS
  if (hasJust(governor, 'requeue', scene.now, again)) return []
  const victim = scene.paused.findLast(({ standsSince }) => scene.now - (standsSince ?? scene.now) >= STOOD_MS)
  return evicted(governor, scene, { victim, stage: 'requeue' })
}

/** Where the machine itself is in danger even the last item goes back: nothing starts until it is not, and the run says so. */
function endLast(governor: Governor, scene: Scene, able: readonly ThreadLook[]): readonly Action[] {
  const [victim] = able
  if (!victim || victim.used < WORTH_ENDING || hasJust(governor, 'requeue', scene.now, SQUEEZED_AGAIN_MS)) return []
  return evicted(governor, scene, { victim, stage: 'requeue' })
}

/** One that is above its cap pays for itself, and is seen to in a moment; in an emergency at once. */
function endCulprit(governor: Governor, scene: Scene, culprits: readonly ThreadLook[]): readonly Action[] {
  const [worst] = culprits.toSorted((a, b) => b.used - b.cap - (a.used - a.cap))
  if (!worst || scene.share < governor.lines.kill) return []
  governor.over.delete(worst.thread)
  settle(governor, scene, worst.used)
  return [{ stage: 'overCap', thread: worst.thread, why: inUse(scene), isSure: false }]
}

/** What is in use without what is on its way out: nobody is ended for memory that comes back in a moment. */
function shareToStay({ threads, used, budget }: Scene): number {
  return threads.reduce((rest, thread) => rest - (thread.state === 'leaving' ? thread.used : 0), used) / budget
}

/** Whether ending an item would help: what the plan's budget does not allow is ours, what others hold is not. */
export function isAllowed({ isSqueezed, isCritical }: Scene): boolean {
  return !isSqueezed || isCritical
}

interface Eviction {
  readonly victim: ThreadLook | undefined
  readonly stage: 'requeue' | 'kill'
}

export function evicted(governor: Governor, scene: Scene, { victim, stage }: Eviction): readonly Action[] {
  if (!victim) return []
  governor.last.set(stage, scene.now)
  settle(governor, scene, victim.used)
  return [{ stage, thread: victim.thread, why: inUse(scene) }]
}
