/** Nothing new starts until memory is well below the line again, or while paused items wait for it. */
import type { Governor } from '../governor.ts'
import { hasJust } from '../governor.ts'
import type { Action } from '../look.ts'
import type { Scene } from '../scene.ts'
import { inSight } from '../words.ts'

/** It may come and go with every item of a long batch: nobody wants to read that each time. */
const TOLD_AGAIN_MS = 5000

export function hold(governor: Governor, scene: Scene): readonly Action[] {
  const { lines, isHolding } = governor
  const isPausing = scene.paused.length > 0
  governor.isHolding = isPausing || scene.ahead >= (isHolding ? lines.resume : lines.hold)
  if (isHolding || !governor.isHolding || hasJust(governor, 'hold', scene.now, TOLD_AGAIN_MS)) return []
  governor.last.set('hold', scene.now)
  return [{ stage: 'hold', why: inSight(scene) }]
}
