/** Here-documents: `<<END` and the lines that follow. */
import type { HereDocument } from './frame.ts'
import type { Reader } from './reader.ts'
import { unclear } from './refusal.ts'

const OPERATOR = /<<(-?)[ \t]*(?:'([\w.+-]+)'|"([\w.+-]+)"|\\([\w.+-]+)|([\w.+-]+))(?=[\s;&|()<>]|$)/y

/** `<<`, and the word that ends the document. */
export function announce(reader: Reader): void {
  OPERATOR.lastIndex = reader.at
  const found = OPERATOR.exec(reader.text)
  if (!found) throw unclear('A here-document whose last line is not a plain word', reader.span(2))
  if (reader.frame.kind === 'command') throw unclear('A here-document in `$(…)`', reader.span(found[0].length))
  const [whole, dash, single, double, escaped, plain] = found
  const quoted = single ?? double ?? escaped
  const at = reader.span(whole.length)
  reader.copy(whole.length)
  reader.pending.push({
    delimiter: quoted ?? plain ?? '',
    isIndented: dash === '-',
    isQuoted: quoted !== undefined,
    depth: reader.frame.depth,
    at,
  })
}

/** A newline, and the documents that begin behind it. */
export function lineEnd(reader: Reader): void {
  const { pending, frame } = reader
  if (pending.some(({ depth }) => frame.kind !== 'base' || depth !== frame.depth)) {
    throw unclear('A line that ends in other parentheses than the `<<` on it', reader.span(1))
  }
  reader.pending = []
  reader.copy(1)
  for (const document of pending) reader.copyUpTo(endOf(document, reader), 'here')
}

function endOf({ delimiter, isIndented, isQuoted, at: announced }: HereDocument, reader: Reader): number {
  const { text } = reader
  for (let at = reader.at; at < text.length; ) {
    const newline = text.indexOf('\n', at)
    const end = newline < 0 ? text.length : newline
    const line = isIndented ? text.slice(at, end).replace(/^\t+/, '') : text.slice(at, end)
    if (line === delimiter) return end
    if (!isQuoted && isLong(line)) {
      throw unclear('Something in a here-document that may go on over its lines', { start: at, end })
    }
    at = end + 1
  }
  throw unclear(`A here-document without its last line \`${delimiter}\``, announced)
}

/** True where a shell may read on in the next line: a backslash at the end, something open, or quotes in it. */
function isLong(line: string): boolean {
  if (line.endsWith('\\')) return true
  if (!/`|\$[({[]/.test(line)) return false
  return !/^[^'"\\`]*$/.test(line) || count(line, '(') !== count(line, ')') || count(line, '{') !== count(line, '}')
}

function count(text: string, character: string): number {
  return text.split(character).length - 1
}
