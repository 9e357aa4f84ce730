/** Walks a frame's body byte by byte: taking lines and fields apart as strings is what reading a million events would spend its time on. */

const NEWLINE = 10
const SPACE = 32
const COMMA = 44
const DASH = 45
const DOT = 46
const ZERO = 48
const NINE = 57

export class Scanner {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** Code of the line's first letter, which a space follows. */
  letter(): number {
    const code = this.#bytes[this.#at] as number
    if (this.#bytes[this.#at + 1] !== SPACE) throw new Error(`Unknown line: ${this.#excerpt()}`)
    this.#at += 2
    return code
  }

  /** Whether a further field stands in the line; its space is taken. */
  isMore(): boolean {
    return this.takes(SPACE)
  }

  /** The space before the next field. */
  space(): void {
    this.expect(SPACE)
  }

  endLine(): void {
    this.expect(NEWLINE)
  }

  get isAtFieldEnd(): boolean {
    const code = this.#bytes[this.#at]
    return code === SPACE || code === NEWLINE
  }

  /** Takes the next byte if it is this one. */
  takes(code: number): boolean {
    if (this.#bytes[this.#at] !== code) return false
    this.#at += 1
    return true
  }

  expect(code: number): void {
    if (!this.takes(code)) throw new Error(`Not ${JSON.stringify(String.fromCharCode(code))}: ${this.#excerpt()}`)
  }

  whole(): number {
    const from = this.#at
    let value = 0
    for (let code = this.#bytes[from]; code !== undefined && code >= ZERO && code <= NINE; ) {
      value = value * 10 + (code - ZERO)
      code = this.#bytes[++this.#at]
    }
    if (this.#at === from || value > Number.MAX_SAFE_INTEGER) {
      this.#at = from
      throw new Error(`Not a whole number: ${this.#excerpt()}`)
    }
    return value
  }

  /** A number that may have a fraction. */
  number(): number {
    const from = this.#at
    const whole = this.whole()
    if (this.#bytes[this.#at] !== DOT) return whole
    this.#at += 1
    const begin = this.#at
    const fraction = this.whole()
    const digits = this.#at - begin
    // A quotient of two exact numbers is rounded as the text would be.
    if (digits <= 2 && whole < 2 ** 46)
      return digits === 1 ? (whole * 10 + fraction) / 10 : (whole * 100 + fraction) / 100
    return Number(this.#bytes.toString('latin1', from, this.#at))
  }

  /** `3-102` or `1,5,7-9` or `.`, in their order. */
  ranges(): number[] {
    if (this.takes(DOT)) return []
    const first = this.whole()
    const next = this.#bytes[this.#at]
    if (next !== DASH && next !== COMMA) return [first]
    const items: number[] = []
    for (let from = first; ; from = this.whole()) {
      const last = this.takes(DASH) ? this.whole() : from
      for (let item = from; item <= last; item += 1) items.push(item)
      if (!this.takes(COMMA)) return items
    }
  }

  /** One number that stands for all, or one each. */
  numbers(length: number): number[] {
    if (this.takes(DOT)) return []
    const first = this.number()
    if (this.#bytes[this.#at] !== COMMA) return length === 1 ? [first] : Array.from({ length }, () => first)
    const numbers = [first]
    while (this.takes(COMMA)) numbers.push(this.number())
    if (numbers.length !== length) throw new Error(`${length} items with ${numbers.length} numbers`)
    return numbers
  }

  word(): string {
    const from = this.#at
    for (let code = this.#bytes[from]; code !== undefined && code !== SPACE && code !== NEWLINE; )
      code = this.#bytes[++this.#at]
    return this.#bytes.toString('latin1', from, this.#at)
  }

  /** The rest of the line, its newline taken. */
  rest(): string {
    const end = this.#bytes.indexOf(NEWLINE, this.#at)
    if (end < 0) throw new Error('The last line has no end')
    const text = this.#bytes.toString('utf8', this.#at, end)
    this.#at = end + 1
    return text
  }

  #excerpt(): string {
    return JSON.stringify(this.#bytes.toString('latin1', this.#at, this.#at + 40))
  }
}
