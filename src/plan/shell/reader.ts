/** A script while it is read: the text, how far it is read, what it is inside of, and the template that comes of it. */
import type { Slot, Template } from '../../model/template.ts'
import type { Columns } from '../columns.ts'
import { Parts, type Piece, piecesOf, placeholderAt } from '../placeholders.ts'
import type { Dialect } from './dialect.ts'
import type { Frame, FrameKind, HereDocument } from './frame.ts'
import { newFrame } from './frame.ts'
import { misplaced, type Span, unclear, type Where } from './refusal.ts'

/** Nothing in it means anything to a shell, in double quotes or out of them. */
const HARMLESS = /^[\w .,:/{}-]*$/

/** `a[…]` as far as it is one index and nothing else, such as `a[0]` and `a["$key"]`. */
const INDEX = /^\w*\[(?:[\w@*.,:+/-]|"?\$\w+"?)*\]/

/** True where a shell may read what follows this part of a word as an index or as a set of characters. */
function isInBrackets(before: string): boolean {
  const isOpen = before.split('[').length > before.split(']').length
  return isOpen || (/^\w*\[/.test(before) && !INDEX.test(before))
}

export class Reader {
  readonly text: string
  readonly dialect: Dialect
  readonly frames: Frame[] = [newFrame('base', 0)]
  /** Here-documents whose bodies begin with the next line. */
  pending: HereDocument[] = []
  at = 0
  readonly #columns: Columns
  readonly #parts = new Parts()
  #endOfName = -1

  constructor(text: string, columns: Columns, dialect: Dialect) {
    this.text = text
    this.dialect = dialect
    this.#columns = columns
  }

  /** What the text is inside of here. */
  get frame(): Frame {
    return this.frames.at(-1) as Frame
  }

  get template(): Template {
    return this.#parts.template
  }

  get char(): string {
    return this.text.charAt(this.at)
  }

  /** The character so far from this one. */
  peek(distance: number): string {
    return this.text.charAt(this.at + distance)
  }

  /** The next characters, as a place. */
  span(length: number): Span {
    return { start: this.at, end: this.at + length }
  }

  /** Goes into a frame, past the characters that open it. */
  open(kind: FrameKind, length: number): void {
    const frame = newFrame(kind, this.at, this.frame)
    this.copy(length)
    this.frames.push(frame)
  }

  /** Leaves a frame, past the characters that close it. */
  close(length: number): void {
    this.copy(length)
    this.frames.pop()
  }

  /** As they stand. */
  copy(length: number): void {
    const text = this.text.slice(this.at, this.at + length)
    this.#checkPending(text)
    this.#parts.add(text)
    this.at += length
  }

  /** Up to `end`, where names may not be. */
  copyUpTo(end: number, where: Where, better?: string): void {
    const text = this.text.slice(this.at, end)
    if (where !== 'here') this.#checkPending(text)
    for (const { is, at, length } of this.#isLiteral
      ? [{ is: text, at: 0, length: 0 }]
      : piecesOf(text, this.#columns)) {
      if (typeof is !== 'string')
        throw this.#misplaced(where, is, { start: this.at + at, end: this.at + at + length }, better)
      this.#parts.add(is)
    }
    this.at = end
  }

  /**
   * A brace, and what it begins.
   * @param where what forbids names here; left out: nothing does
   */
  brace(where?: Where, better?: string): void {
    const piece = this.placeholder(0)
    if (!piece) this.copy(1)
    else if (typeof piece.is !== 'string') {
      if (where) throw this.#misplaced(where, piece.is, this.span(piece.length), better)
      this.#name(piece.is, piece.length)
    } else {
      if (piece.is !== '{}' && !HARMLESS.test(piece.is)) {
        throw unclear('Shell syntax in doubled braces', this.span(piece.length))
      }
      this.#parts.add(piece.is)
      this.at += piece.length
    }
  }

  /** What a brace so far from here begins; in `${…}` braces are what they are to the shell. */
  placeholder(distance: number): Piece | undefined {
    if (this.#isLiteral || this.peek(distance) !== '{') return undefined
    return placeholderAt(this.text, this.at + distance, this.#columns)
  }

  /** @throws Refusal where a placeholder stands behind the backslash that is next */
  checkEscaped(where: Where): void {
    const piece = this.placeholder(1)
    if (!piece) return
    const at = { start: this.at + 1, end: this.at + 1 + piece.length }
    if (typeof piece.is !== 'string') throw this.#misplaced(where, piece.is, at)
    throw unclear('A backslash before doubled braces', at, 'Take the backslash out.')
  }

  #name(slot: Slot, length: number): void {
    const { frame } = this
    const before = frame.word < 0 ? '' : this.text.slice(frame.word, this.at)
    if (isInBrackets(before)) throw this.#misplaced('bracket', slot, this.span(length))
    if (this.pending.length > 0) {
      throw unclear(
        'A placeholder between `<<` and the text it announces',
        this.span(length),
        'Write it before the `<<`.',
      )
    }
    const isBesideQuote = this.#endOfName === this.at || this.peek(-1) === "'" || this.peek(length) === "'"
    if (isBesideQuote && this.dialect.isZsh) {
      const hint = 'Put something else between them, or give the batch `shell: bash`.'
      throw unclear('Two quoted parts side by side, which zsh may take for one,', this.span(length), hint)
    }
    if (slot.slot !== 'number' && slot.slot !== 'thread') frame.hasName = true
    this.#parts.add(slot)
    this.at += length
    this.#endOfName = this.at
  }

  #misplaced(where: Where, slot: Slot, at: Span, better?: string): Error {
    return misplaced(where, { slot, written: this.text.slice(at.start, at.end), at, better })
  }

  #checkPending(text: string): void {
    if (this.pending.length === 0 || !text.includes('\n')) return
    throw unclear('A line that ends in quotes, in parentheses or in `$(…)` behind a `<<`', this.span(text.length))
  }

  get #isLiteral(): boolean {
    return this.frames.some(({ kind }) => kind === 'expansion')
  }
}
