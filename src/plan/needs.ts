import type { NeedInput } from './schema.ts'

export interface NeedName {
  readonly name: string
  /** Undefined where the file leaves open which of the two it means. */
  readonly kind: 'batch' | 'phase' | undefined
  readonly when: 'succeeded' | 'ended'
}

/** What a need names, in whichever of its forms it is written. */
export function needName(need: NeedInput): NeedName {
  if (typeof need === 'string') return { name: need, kind: undefined, when: 'succeeded' }
  const { when = 'succeeded' } = need
  return 'batch' in need ? { name: need.batch, kind: 'batch', when } : { name: need.phase, kind: 'phase', when }
}
