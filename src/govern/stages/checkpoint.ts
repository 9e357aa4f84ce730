/** Should the machine go down after all, little is to be read again. */
import type { Governor } from '../governor.ts'
import { hasJust } from '../governor.ts'
import type { Action } from '../look.ts'
import type { Scene } from '../scene.ts'
import { inUse } from '../words.ts'

const AGAIN_MS = 30_000

export function checkpoint(governor: Governor, scene: Scene): readonly Action[] {
  if (scene.share < governor.lines.act || hasJust(governor, 'checkpoint', scene.now, AGAIN_MS)) return []
  governor.last.set('checkpoint', scene.now)
  return [{ stage: 'checkpoint', why: inUse(scene) }]
}
