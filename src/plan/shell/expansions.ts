/** What `$` begins, and the insides of double quotes, `${…}` and `$((…))`. */
import { backticks, better, singleQuotes } from './quotes.ts'
import type { Reader } from './reader.ts'
import { unclear } from './refusal.ts'

/** `$` and what belongs to it. */
export function openExpansion(reader: Reader): void {
  const next = reader.peek(1)
  if (next === '(') return reader.peek(2) === '(' ? reader.open('arithmetic', 3) : reader.open('command', 2)
  if (next === '{') {
    if (/[\s|]/.test(reader.peek(2))) throw unclear('A command in `${ … }`', reader.span(3), 'Write $(…) instead.')
    return reader.open('expansion', 2)
  }
  if (next === '[') throw unclear('`$[`', reader.span(2), 'Write $((…)) instead.')
  if (next !== '$') return reader.copy(1)
  if (reader.peek(2) === '{') throw unclear('`$${`', reader.span(3), 'Write "$$" in quotes.')
  reader.copy(2)
}

export function inDoubleQuotes(reader: Reader): void {
  switch (reader.char) {
    case '"':
      return reader.close(1)
    case '{':
      return reader.brace('quotes', better(reader))
    case '\\':
      return escaped(reader)
    case '`':
      return backticks(reader)
    case '$':
      return openExpansion(reader)
    default:
      return reader.copy(1)
  }
}

/** `${…}`: braces in it are what they are to the shell. */
export function inExpansion(reader: Reader): void {
  const { char, frame } = reader
  if (frame.isQuoted && (char === '"' || char === "'")) throw unclear('Quotes in `"${…}"`', reader.span(1))
  switch (char) {
    case '}':
      return reader.close(1)
    case '{':
      throw unclear('A brace in `${…}`', reader.span(1), 'Set a variable before it.')
    case '"':
      return reader.open('double', 1)
    case "'":
      return singleQuotes(reader)
    case '\\':
      return escaped(reader)
    case '`':
      return backticks(reader)
    case '$':
      if (reader.peek(1) === "'") throw unclear("`$'` in `${…}`", reader.span(2))
      return openExpansion(reader)
    default:
      return reader.copy(1)
  }
}

export function inArithmetic(reader: Reader): void {
  const { char, frame } = reader
  switch (char) {
    case '(':
      frame.depth += 1
      return reader.copy(1)
    case ')':
      if (frame.depth === 0) return closeArithmetic(reader)
      frame.depth -= 1
      return reader.copy(1)
    case '{':
      return reader.brace('arithmetic')
    case '$':
      return openExpansion(reader)
    case "'":
    case '"':
    case '\\':
    case '`':
      throw unclear('Quotes in `$((…))`', reader.span(1))
    default:
      return reader.copy(1)
  }
}

function closeArithmetic(reader: Reader): void {
  if (reader.peek(1) === ')') return reader.close(2)
  throw unclear('`$((` that is not closed with `))`', reader.span(1), 'Write a blank between the two: `$( (`.')
}

/** A backslash and the character behind it. */
function escaped(reader: Reader): void {
  const next = reader.peek(1)
  const isJoining = next === '\n' && (reader.frame.kind !== 'double' || /[$({[`\\\n]/.test(reader.peek(-1)))
  if (next === '' || isJoining) throw unclear('A backslash at the end of a line', reader.span(1))
  reader.checkEscaped(reader.frame.kind === 'double' ? 'quotes' : 'backslash')
  if (next === '$' && reader.peek(2) === '{') throw unclear('`\\${`', reader.span(3), "Write '${' instead.")
  reader.copy(2)
}
