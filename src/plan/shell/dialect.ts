/** Which shells quote as the Bourne shell does, and what they do not have in common. */
import { posix } from 'node:path'

export interface Dialect {
  /** `$'…'` has escapes; `unsure`: in some shells of this name. */
  readonly ansiQuotes: 'yes' | 'unsure'
  /** `<<<` and `&>`. */
  readonly hasBashRedirections: boolean
  /** Two quotes in a row may stand for one (`rcquotes`), and parentheses behind a word may run code. */
  readonly isZsh: boolean
  /** Builtins work out what they take for a number: `[ a -eq b ]`, `exit a`. */
  readonly hasArithmeticArguments: boolean
}

const PLAIN: Dialect = {
  ansiQuotes: 'unsure',
  hasBashRedirections: false,
  isZsh: false,
  hasArithmeticArguments: false,
}
const BASH: Dialect = { ...PLAIN, ansiQuotes: 'yes', hasBashRedirections: true }
const KSH: Dialect = { ...BASH, hasArithmeticArguments: true }

const DIALECTS: ReadonlyMap<string, Dialect> = new Map([
  ['sh', PLAIN],
  ['dash', PLAIN],
  ['ash', PLAIN],
  ['busybox', PLAIN],
  ['bash', BASH],
  ['ksh', KSH],
  ['mksh', KSH],
  ['zsh', { ...KSH, isZsh: true }],
])

/** Undefined: no shell of the Bourne family, as far as its name tells. */
export function dialectOf(shell: readonly string[]): Dialect | undefined {
  return DIALECTS.get(posix.basename(shell[0] ?? ''))
}
