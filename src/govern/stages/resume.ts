/** A pause is taken back: the oldest item first, one at a time, when what it still needs fits. No pause of the governor lasts for ever. */
import { promisedTo } from '../admission.ts'
import type { Governor } from '../governor.ts'
import { hasJust } from '../governor.ts'
import type { Action, ThreadLook } from '../look.ts'
import type { Scene } from '../scene.ts'
import { inUse } from '../words.ts'
import { evicted, isAllowed } from './evict.ts'

const AGAIN_MS = 150

/** Between two looks at whether all is calm: one that goes on has to show what it takes. */
const CALM_MS = 2000

/** An item that waits longer goes on, or back to the queue: the run must not depend on a pause. */
const DEADLINE_MS = 60_000

export function resume(governor: Governor, scene: Scene): readonly Action[] {
  const [oldest] = scene.paused
  if (!oldest || governor.settling) return []
  const { lines } = governor
  const late = scene.paused.find(({ standsSince }) => scene.now - (standsSince ?? scene.now) >= DEADLINE_MS)
  const next = late ?? oldest
  // One that is held for its cap goes on or is ended in a moment.
  const isNobodyOn = !scene.threads.some(({ thread, state }) => {
    return state === 'running' || state === 'stopping' || state === 'leaving' || governor.over.has(thread)
  })
  const needed = (scene.used + promisedTo(next)) / scene.budget
  if (isNobodyOn || late) {
    // The only item there is goes on whatever it needs.
    const isAlone = isNobodyOn && scene.paused.length === 1
    const mustGo = needed >= lines.act && isAllowed(scene) && !isAlone
    if (!mustGo) return goOn(governor, scene, next)
    // Together they do not fit: the youngest makes room for the oldest, one that is late for the others.
    return evicted(governor, scene, { victim: isNobodyOn ? scene.paused.at(-1) : late, stage: 'requeue' })
  }
  const stood = scene.now - (oldest.standsSince ?? scene.now)
  const isRoom = scene.ahead < lines.resume && needed < lines.pause
  if (isRoom && stood >= AGAIN_MS && !hasJust(governor, 'resume', scene.now, AGAIN_MS))
    return goOn(governor, scene, oldest)
  // Where nothing grows a pause saves nothing: up to `act` there is room.
  const isCalm = !scene.isGrowing && stood >= CALM_MS && needed < lines.act
  const isStill =
    isCalm && !hasJust(governor, 'pause', scene.now, CALM_MS) && !hasJust(governor, 'resume', scene.now, CALM_MS)
  return isStill ? goOn(governor, scene, oldest) : []
}

function goOn(governor: Governor, scene: Scene, { thread }: ThreadLook): readonly Action[] {
  governor.last.set('resume', scene.now)
  governor.resumed.set(thread, scene.now)
  return [{ stage: 'resume', thread, why: inUse(scene) }]
}
