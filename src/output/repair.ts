/** A damaged run: what is wrong with it, and what a repair keeps of it. */
import type { RunId } from '../model/ids.ts'
import { countOf } from '../view/format.ts'

interface Examined {
  readonly damages: readonly { readonly path: string; readonly offset: number; readonly why: string }[]
  readonly kept: { readonly events: number; readonly succeeded: number }
  readonly dropped: { readonly frames: number; readonly events: number }
  readonly isCovered: boolean
}

export function examinedText(run: RunId, { damages, ...outlook }: Examined): string {
  if (damages.length === 0) return `Run ${run} is not damaged.\n`
  const places = damages.map(({ path, offset, why }) => `  ${path} at byte ${offset}: ${why}`)
  return `${[`Run ${run} is damaged:`, ...places, ...outlookLines(outlook)].join('\n')}\n`
}

function outlookLines({ kept, dropped, isCovered }: Omit<Examined, 'damages'>): readonly string[] {
  const aside = `${countOf(dropped.events, 'event')} behind the damage ${dropped.events === 1 ? 'is' : 'are'} set aside`
  if (isCovered) {
    const hole = dropped.events > 0 ? [`The history of the run gets a hole: ${aside}.`] : []
    return [`A repair keeps what has ended: ${countOf(kept.succeeded, 'item')} succeeded.`, ...hole]
  }
  const lost = dropped.events > 0 ? aside : 'what the damaged place said is lost'
  return [
    `A repair keeps what was so until event ${kept.events}: ${countOf(kept.succeeded, 'item')} had succeeded.`,
    `What came later is forgotten, and its items run again: ${lost}.`,
  ]
}

interface RepairedRun {
  /** Absolute paths of what was set aside. */
  readonly kept: readonly string[]
  readonly hasEnded: boolean
}

export function repairedText(run: RunId, { kept, hasEnded }: RepairedRun): string {
  const files = kept.length === 0 ? [] : ['The files as they were are kept as', ...kept.map((path) => `  ${path}`)]
  const next = hasEnded
    ? `\`batchtop status ${run}\` says how it ended.`
    : `\`batchtop recover ${run}\` goes on with it.`
  return `${[`Run ${run} is repaired.`, ...files, next].join('\n')}\n`
}
