/** Quoted parts of a script: single and double quotes, `$'…'`, backticks. */
import type { Reader } from './reader.ts'
import { unclear } from './refusal.ts'

/** `'…'`: nothing in it means anything. */
export function singleQuotes(reader: Reader): void {
  const end = reader.text.indexOf("'", reader.at + 1)
  if (end < 0) throw unclear('A quote without its end', reader.span(1))
  reader.copyUpTo(end + 1, 'quotes', unquoted(reader.text.slice(reader.at, end + 1)))
}

/** `$'…'`: with escapes in some shells, plain single quotes behind a dollar in others. */
export function ansiQuotes(reader: Reader): void {
  const { text, at, dialect } = reader
  const plain = text.indexOf("'", at + 2) + 1
  const escaped = /^(?:[^'\\]|\\[^])*'/.exec(text.slice(at + 2))?.[0].length
  if (plain === 0 || escaped === undefined) throw unclear('A quote without its end', reader.span(2))
  const end = at + 2 + escaped
  if (end !== plain && dialect.ansiQuotes === 'unsure') {
    const hint = "Write it with '…', or give the batch `shell: bash`."
    throw unclear("A quote in `$'…'`, which ends it in some shells,", { start: at, end }, hint)
  }
  reader.copyUpTo(end, 'quotes')
}

/** The part in double quotes with the names outside of them; undefined where it may be code of another program. */
export function better({ text, frame }: Reader): string | undefined {
  const end = text.indexOf('"', frame.start + 1)
  return end < 0 ? undefined : unquoted(text.slice(frame.start, end + 1))
}

/** Paths and the like; variables only where there are double quotes around them. */
const PATH = /^[\w./,:+@%=-]*$/
const PATH_WITH_VARIABLES = /^(?:[\w./,:+@%=-]|\$\w+|\$\{\w+\})*$/
/** `s/a/b/` of sed, whose flags and further commands a name could bring along. */
const SUBSTITUTION = /^s([/,:@%+=])[^]*\1[^]*\1/

function unquoted(quoted: string): string | undefined {
  const quote = quoted.charAt(0)
  if (SUBSTITUTION.test(quoted.slice(1))) return undefined
  const parts = quoted
    .slice(1, -1)
    .split(/((?<!\$)\{(?:|\.|\/|\/\/|\/\.|#|%|\w+)\})/)
    .map((part, place) => ({ part, isName: place % 2 === 1 }))
  const allowed = quote === '"' ? PATH_WITH_VARIABLES : PATH
  if (parts.some(({ part, isName }) => !isName && !allowed.test(part))) return undefined
  return parts.map(({ part, isName }) => (isName || PATH.test(part) ? part : `"${part}"`)).join('')
}

/** `` `…` ``: up to the next one that no backslash hides. */
export function backticks(reader: Reader): void {
  const { text, at } = reader
  const inside = /^(?:[^`\\]|\\[^])*/.exec(text.slice(at + 1))?.[0] ?? ''
  const end = at + 1 + inside.length + 1
  if (text[end - 1] !== '`') throw unclear('A backtick without its end', reader.span(1))
  const isOpen = inside.split("'").length % 2 === 0 || inside.split('"').length % 2 === 0
  const isNested = reader.frames.length > 1 && /["'\\]/.test(inside)
  if (isOpen || isNested)
    throw unclear('Quotes in backticks', { start: at, end }, 'Write $(…) instead of the backticks.')
  reader.copyUpTo(end, 'backtick')
}
