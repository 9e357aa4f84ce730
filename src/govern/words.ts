/** Phrases of the governor. */
import { sizeText } from '../model/size-text.ts'
import type { Scene } from './scene.ts'

/** `10.4 GB of 12 GB in sight`. */
export function inSight({ ahead, budget, isSqueezed }: Scene): string {
  return `${sizeText(Math.round(ahead * budget))} of ${ofWhat(budget, isSqueezed)} in sight`
}

/** `11.4 GB of 12 GB in use`. */
export function inUse({ used, budget, isSqueezed }: Scene): string {
  return `${sizeText(used)} of ${ofWhat(budget, isSqueezed)} in use`
}

function ofWhat(budget: number, isSqueezed: boolean): string {
  return isSqueezed ? `${sizeText(budget)} that others leave` : sizeText(budget)
}
