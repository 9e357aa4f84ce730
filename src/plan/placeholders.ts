/** Placeholders: what stands in braces in the texts of a plan and is filled in for each item. */
import type { Slot, Template } from '../model/template.ts'
import type { Columns } from './columns.ts'

const SLOTS: ReadonlyMap<string, Slot> = new Map([
  ['', { slot: 'item' }],
  ['.', { slot: 'stem' }],
  ['/', { slot: 'base' }],
  ['//', { slot: 'folder' }],
  ['/.', { slot: 'baseStem' }],
  ['#', { slot: 'number' }],
  ['%', { slot: 'thread' }],
  ['batch', { slot: 'batch' }],
])

/** What could be the name of a column that is not known yet. */
const WORD = /\{([\p{L}_][\p{L}\p{N}_.-]*)\}/uy

/** What some characters of a text stand for. */
export interface Piece {
  readonly is: string | Slot
  /** How many characters it takes. */
  readonly length: number
}

/** What the brace at this place begins; undefined: nothing, it is a brace. */
export function placeholderAt(text: string, at: number, columns: Columns): Piece | undefined {
  if (text.startsWith('{{', at)) return doubledAt(text, at)
  const end = text.indexOf('}', at)
  const slot = SLOTS.get(text.slice(at + 1, Math.max(at + 1, end)))
  if (slot && end >= 0) return { is: slot, length: end + 1 - at }
  const name = columns ? columns.find((each) => text.startsWith(`{${each}}`, at)) : wordAt(text, at)
  return name === undefined ? undefined : { is: { slot: 'column', name }, length: name.length + 2 }
}

/** `{{}}` writes `{}`. Anything else in doubled braces stays as it is: other programs have templates, too. */
function doubledAt(text: string, at: number): Piece | undefined {
  if (text.startsWith('{{}}', at)) return { is: '{}', length: 4 }
  const end = text.indexOf('}}', at)
  return end < 0 ? undefined : { is: text.slice(at, end + 2), length: end + 2 - at }
}

function wordAt(text: string, at: number): string | undefined {
  WORD.lastIndex = at
  return WORD.exec(text)?.[1]
}

/**
 * A text with its placeholders found. `${…}` stays as it is, up to the brace that closes it.
 * @param columns undefined: not known yet, so that every `{word}` is one
 */
export function parseTemplate(text: string, columns: Columns): Template {
  const parts = new Parts()
  for (const { is } of piecesOf(text, columns)) parts.add(is)
  return parts.template
}

export interface PlacedPiece extends Piece {
  readonly at: number
}

/** What a text consists of, in order. */
export function* piecesOf(text: string, columns: Columns): Generator<PlacedPiece> {
  for (let at = 0; at < text.length; ) {
    const piece = pieceAt(text, at, columns)
    yield { ...piece, at }
    at += piece.length
  }
}

function pieceAt(text: string, at: number, columns: Columns): Piece {
  if (text.startsWith('${', at)) {
    const end = closingBrace(text, at + 1)
    if (end !== undefined) return { is: text.slice(at, end + 1), length: end + 1 - at }
  }
  if (text[at] === '{') return placeholderAt(text, at, columns) ?? { is: '{', length: 1 }
  const next = text.slice(at + 1).search(/[{$]/)
  const end = next < 0 ? text.length : at + 1 + next
  return { is: text.slice(at, end), length: end - at }
}

/** Where the brace that opens at this place is closed. */
function closingBrace(text: string, open: number): number | undefined {
  let depth = 0
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth += 1
    if (text[at] === '}') depth -= 1
    if (depth === 0) return at
  }
  return undefined
}

/** Puts a template together; neighbouring texts become one. */
export class Parts {
  readonly #parts: (string | Slot)[] = []
  #text = ''

  add(part: string | Slot): void {
    if (typeof part === 'string') {
      this.#text += part
      return
    }
    this.#endText()
    this.#parts.push(part)
  }

  get template(): Template {
    this.#endText()
    return [...this.#parts]
  }

  #endText(): void {
    if (this.#text !== '') this.#parts.push(this.#text)
    this.#text = ''
  }
}

/** True: it reads differently for different items. */
export function hasSlots(template: Template): boolean {
  return template.some((part) => typeof part !== 'string')
}

/** The text of a template without slots. */
export function plainText(template: Template): string {
  return template.map((part) => (typeof part === 'string' ? part : '')).join('')
}

/** True: in braces it is something else than a column of that name. */
export function isOwnWord(column: string): boolean {
  return SLOTS.has(column)
}

/** Words in braces that are neither placeholders nor columns; people may have meant a column. */
export function unknownWords(text: string, columns: readonly string[]): readonly { word: string; at: number }[] {
  const known = parseTemplate(text, columns)
  const words = [...text.matchAll(/(?<![${])\{([\p{L}_][\p{L}\p{N}_.-]*)\}(?!\})/gu)]
  const isColumn = (word: string) =>
    known.some((part) => typeof part !== 'string' && part.slot === 'column' && part.name === word)
  return words
    .map(({ 1: word = '', index }) => ({ word, at: index }))
    .filter(({ word }) => !SLOTS.has(word) && !isColumn(word))
}
