/** A damaged run: what is wrong with it, and what a repair keeps of it. */
import type { RunId } from '../model/ids.ts'
import { countOf } from '../view/format.ts'

interface Examined {
  readonly damages: readonly { readonly path: string; readonly offset: number; readonly why: string }[]
  readonly kept: { readonly events: number; readonly succeeded: number }
  readonly dropped: { readonly frames: number; readonly events: number }
  readonly isCovered: boolean
}

export function examinedText(run: RunId, { damages, kept, dropped, isCovered }: Examined): string {
  if (damages.length === 0) return `Run ${run} is not damaged.\n`
  const places = damages.map(({ path, offset, why }) => `  ${path} at byte ${offset}: ${why}`)
  return `${[`Run ${run} is damaged:`, ...places, ...outlook({ kept, dropped, isCovered })].join('\n')}\n`
}

function outlook({ kept, dropped, isCovered }: Omit<Examined, 'damages'>): readonly string[] {
  const succeeded = countOf(kept.succeeded, 'succeeded item')
  if (isCovered) {
    return [
      `A repair keeps all of it, ${succeeded} too: a checkpoint has what the damaged place said. The history has a hole.`,
    ]
  }
  const lost =
    dropped.events === 0
      ? 'What the damaged place itself said is lost.'
      : `It sets aside ${countOf(dropped.events, 'event')} behind the damage; what they say has ended runs again.`
  return [`A repair keeps what was so until event ${kept.events}: ${succeeded}.`, lost]
}

export function repairedText(run: RunId, kept: readonly string[]): string {
  const files = kept.length === 0 ? [] : ['The damaged files are kept as', ...kept.map((path) => `  ${path}`)]
  return `${[`Run ${run} is repaired.`, ...files, `\`batchtop recover ${run}\` goes on with it.`].join('\n')}\n`
}
