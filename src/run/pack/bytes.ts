/** Whole numbers in as few bytes as they need, and bytes as text that JSON can hold. */

/** Bytes turned into text at a time: well below a millisecond, and a multiple of 3, so that the pieces can be put together. */
const PIECE = 3 * 2 ** 16

export class ByteWriter {
  #bytes = new Uint8Array(64)
  length = 0

  /** A whole number from zero. */
  add(value: number): void {
    let rest = value
    while (rest > 127) {
      this.#push((rest & 127) | 128)
      rest = Math.floor(rest / 128)
    }
    this.#push(rest)
  }

  /** A whole number of either sign: small ones stay short. */
  addSigned(value: number): void {
    this.add(value < 0 ? -2 * value - 1 : 2 * value)
  }

  *text(): Generator<void, string> {
    return yield* textOf(this.#bytes.subarray(0, this.length))
  }

  #push(byte: number): void {
    if (this.length === this.#bytes.length) {
      const larger = new Uint8Array(this.length * 2)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes[this.length] = byte
    this.length += 1
  }
}

export class ByteReader {
  readonly #bytes: Uint8Array
  #place = 0

  constructor(text: string) {
    this.#bytes = bytesOf(text)
  }

  get isAtEnd(): boolean {
    return this.#place >= this.#bytes.length
  }

  /** @throws Error at the end */
  next(): number {
    let value = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = this.#bytes[this.#place]
      if (byte === undefined) throw new Error('Packed numbers end too early')
      this.#place += 1
      value += (byte & 127) * unit
      if (byte < 128) return value
    }
  }

  nextSigned(): number {
    const value = this.next()
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2
  }
}

/** Base64. Yields between pieces. */
export function* textOf(bytes: Uint8Array): Generator<void, string> {
  let text = ''
  for (let from = 0; from < bytes.length; from += PIECE) {
    if (from > 0) yield
    const length = Math.min(PIECE, bytes.length - from)
    text += Buffer.from(bytes.buffer, bytes.byteOffset + from, length).toString('base64')
  }
  return text
}

export function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'base64')
}
