/** Items that a heavy thread has been handed and not begun go to others. */
import type { Governor } from '../governor.ts'
import type { Action } from '../look.ts'
import type { Scene } from '../scene.ts'
import { inSight } from '../words.ts'

const AGAIN_MS = 1000

export function rebalance(governor: Governor, scene: Scene): readonly Action[] {
  if (scene.ahead < governor.lines.hold) return []
  const able = scene.runners.filter(({ thread, unstarted }) => {
    return unstarted > 0 && scene.now - (governor.rebalanced.get(thread) ?? -Infinity) >= AGAIN_MS
  })
  const [heaviest] = able.toSorted((a, b) => b.used - a.used)
  if (!heaviest) return []
  governor.rebalanced.set(heaviest.thread, scene.now)
  return [{ stage: 'rebalance', thread: heaviest.thread, why: inSight(scene) }]
}
