/** What a place in a script is inside of. */
import type { Span } from './refusal.ts'

/**
 * `base`: the script itself; `command`: `$(…)` and `<(…)`; `double`: double quotes; `expansion`: `${…}`; `arithmetic`: `$((…))`.
 */
export type FrameKind = 'base' | 'command' | 'double' | 'expansion' | 'arithmetic'

/** A word of a simple command. */
export interface Word {
  /** As it is written, quotes and all. */
  readonly raw: string
  readonly start: number
  readonly end: number
  /** True: a text stands in it that is not known before the item is. */
  readonly hasName: boolean
}

export interface Frame {
  readonly kind: FrameKind
  /** Where it opens. */
  readonly start: number
  /** True: double quotes are around it. */
  readonly isQuoted: boolean
  /** Parentheses that are open in it. */
  depth: number
  /** Where the word began that is being read; -1 between words. */
  word: number
  hasName: boolean
  /** True: the next word is what `<` or `>` leads to. */
  isTarget: boolean
  /** Of the simple command that is being read. */
  words: Word[]
}

/** `<<END`, whose text comes with the next line. */
export interface HereDocument {
  readonly delimiter: string
  /** `<<-`: tabs before a line do not count. */
  readonly isIndented: boolean
  /** Nothing is expanded in it. */
  readonly isQuoted: boolean
  /** Parentheses that are open where it is announced. */
  readonly depth: number
  /** Where it is announced. */
  readonly at: Span
}

export function newFrame(kind: FrameKind, start: number, outer?: Frame): Frame {
  const isQuoted =
    outer?.kind === 'double' || outer?.kind === 'arithmetic' || (outer?.kind === 'expansion' && outer.isQuoted)
  return { kind, start, isQuoted, depth: 0, word: -1, hasName: false, isTarget: false, words: [] }
}

/** True: words, quotes and comments are in it, as in a script. */
export function isScript({ kind }: Frame): boolean {
  return kind === 'base' || kind === 'command'
}
