/** The youngest item stands still: it has the least to lose, and what does not run does not grow. */
import type { Governor } from '../governor.ts'
import { hasJust } from '../governor.ts'
import type { Action } from '../look.ts'
import type { Scene } from '../scene.ts'
import { inSight } from '../words.ts'
import { isAllowed } from './evict.ts'

/** So that one pause is felt before the next; where the whole budget is in sight there is no time for that. */
const AGAIN_MS = 60
const URGENT_AGAIN_MS = 15

/** Who has just been allowed to go on goes on for a moment, unless it is serious. */
const SPARED_MS = 400

export function pause(governor: Governor, scene: Scene): readonly Action[] {
  const { lines, resumed } = governor
  // Where others squeeze, the share is full for as long as they do: that alone is no reason to stand still.
  const isSerious = scene.share >= lines.act && isAllowed(scene)
  const again = scene.ahead >= 1 ? URGENT_AGAIN_MS : AGAIN_MS
  if (scene.ahead < lines.pause || hasJust(governor, 'pause', scene.now, again)) return []
  // A pause frees nothing, it only ends growth.
  if (!scene.isGrowing && !isSerious) return []
  // The last one that gets on always goes on: else nothing would ever free memory.
  if (scene.runners.length <= 1) return []
  const youngest = scene.runners.find(({ thread }) => {
    return isSerious || scene.now - (resumed.get(thread) ?? -Infinity) >= SPARED_MS
  })
  if (!youngest) return []
  governor.last.set('pause', scene.now)
  // What stands does not grow.
  governor.growth.rate *= (scene.runners.length - 1) / scene.runners.length
  return [{ stage: 'pause', thread: youngest.thread, why: inSight(scene) }]
}
