/** Which shells quote as the Bourne shell does, and what they do not have in common. */
import { posix } from 'node:path'

export interface Dialect {
  /** `$'…'` has escapes; `unsure`: in some shells of this name. */
  readonly ansiQuotes: 'yes' | 'unsure'
  readonly hasHereStrings: boolean
  /** Two quotes in a row may stand for one (zsh with `rcquotes`). */
  readonly isWaryOfQuotes: boolean
  /** `[ a -eq b ]` works out what it compares. */
  readonly comparesByArithmetic: boolean
}

const PLAIN: Dialect = {
  ansiQuotes: 'unsure',
  hasHereStrings: false,
  isWaryOfQuotes: false,
  comparesByArithmetic: false,
}
const BASH: Dialect = { ...PLAIN, ansiQuotes: 'yes', hasHereStrings: true }
const KSH: Dialect = { ...BASH, comparesByArithmetic: true }

const DIALECTS: ReadonlyMap<string, Dialect> = new Map([
  ['sh', PLAIN],
  ['dash', PLAIN],
  ['ash', PLAIN],
  ['busybox', PLAIN],
  ['bash', BASH],
  ['ksh', KSH],
  ['mksh', KSH],
  ['zsh', { ...KSH, isWaryOfQuotes: true }],
])

/** Undefined: no shell of the Bourne family, as far as its name tells. */
export function dialectOf(shell: readonly string[]): Dialect | undefined {
  return DIALECTS.get(posix.basename(shell[0] ?? ''))
}
