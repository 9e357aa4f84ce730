/** The reading half of a frame, whose form frame.ts describes: taken from the bytes as they are, because a recovery reads frames by the ten thousand. */
import { crc32 } from 'node:zlib'
import type { WallTime } from '../model/units.ts'
import { wallTime } from '../model/units.ts'

const HASH = 35
const SPACE = 32
const NEWLINE = 10
const ZERO = 48
const NINE = 57
const FIELDS = 5
const MOST_DIGITS = 16
const CRC_DIGITS = 8
const BEGIN = Buffer.from('# ')

/** A header as it stands in a file. */
export interface ReadHeader {
  readonly frame: number
  readonly firstSeq: number
  readonly events: number
  readonly at: WallTime
  /** Bytes of the body. */
  readonly bytes: number
  /** Bytes of the header line. */
  readonly size: number
  readonly crc: number
  /** What the header's fields alone make of the crc. */
  readonly seed: number
}

/** Reads the header line that begins at `start`; undefined where none does, or not all of it stands before `end`. */
export function readHeader(bytes: Buffer, start: number, end: number): ReadHeader | undefined {
  if (bytes[start] !== HASH || bytes[start + 1] !== SPACE) return undefined
  const fields = [0, 0, 0, 0, 0]
  let at = start + BEGIN.length
  for (let place = 0; place < FIELDS; place += 1) {
    const begin = at
    let value = 0
    for (let code = bytes[at]; isDigit(code); code = bytes[++at]) value = value * 10 + (code - ZERO)
    if (at === begin || at - begin > MOST_DIGITS || bytes[at] !== SPACE) return undefined
    fields[place] = value
    at += 1
  }
  const crc = readHex(bytes, at)
  const last = at + CRC_DIGITS
  if (crc === undefined || bytes[last] !== NEWLINE || last >= end) return undefined
  const [frame, firstSeq, events, wall, size] = fields as [number, number, number, number, number]
  const seed = crc32(bytes.subarray(start + BEGIN.length, at - 1), frame % 2 ** 32)
  return { frame, firstSeq, events, at: wallTime(wall), bytes: size, size: last + 1 - start, crc, seed }
}

/** Whether the body that stands at `start` is what was written with this header. */
export function isIntact(header: ReadHeader, bytes: Buffer, start: number): boolean {
  const body = bytes.subarray(start, start + header.bytes)
  return body.length === header.bytes && crc32(body, header.seed) === header.crc
}

/** A frame somewhere in bytes. */
export interface FoundFrame extends ReadHeader {
  readonly start: number
}

/** The first intact frame that begins at `from` or later and has a higher number than `above`, whatever stands before it. */
export function findFrame(bytes: Buffer, from: number, above: number): FoundFrame | undefined {
  // Not only at the begin of a line: the newline before it may be what was damaged.
  for (let start = bytes.indexOf(BEGIN, from); start >= 0; start = bytes.indexOf(BEGIN, start + 1)) {
    const header = readHeader(bytes, start, bytes.length)
    if (header && header.frame > above && isIntact(header, bytes, start + header.size)) return { ...header, start }
  }
  return undefined
}

function isDigit(code: number | undefined): code is number {
  return code !== undefined && code >= ZERO && code <= NINE
}

function readHex(bytes: Buffer, start: number): number | undefined {
  const text = bytes.toString('latin1', start, start + CRC_DIGITS)
  return /^[0-9a-f]{8}$/.test(text) ? Number.parseInt(text, 16) : undefined
}
