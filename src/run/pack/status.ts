/** States of items in 2 bits each. What is on a thread or in backoff is in the queue here, and listed elsewhere. */
import { STATUS } from '../state.ts'
import { ByteReader, ByteWriter, bytesOf, textOf } from './bytes.ts'
import { SLICE } from './numbers.ts'

/** The state that all have; else 2 bits each, the first item in the lowest. */
export type PackedStatus = number | string

/** By status. */
const CODES = Uint8Array.of(0, 0, 0, 1, 2, 3)
const STATUSES = [STATUS.queued, STATUS.succeeded, STATUS.failed, STATUS.skipped]

export function* packStatus(status: Uint8Array): Generator<void, PackedStatus> {
  const first = status.length === 0 ? 0 : code(status, 0)
  let same = 0
  for (let end = SLICE; same < status.length; end += SLICE) {
    while (same < end && same < status.length && code(status, same) === first) same += 1
    if (same < Math.min(end, status.length)) break
    yield
  }
  if (same === status.length) return first
  const bytes = new Uint8Array(Math.ceil(status.length / 4))
  for (let from = 0; from < bytes.length; from += SLICE / 4) {
    writeBits(status, bytes, from)
    yield
  }
  writeRest(status, bytes)
  return yield* textOf(bytes)
}

function writeBits(status: Uint8Array, bytes: Uint8Array, from: number): void {
  const end = Math.min(status.length >> 2, from + SLICE / 4)
  for (let byte = from, place = from * 4; byte < end; byte += 1, place += 4)
    bytes[byte] =
      code(status, place) |
      (code(status, place + 1) << 2) |
      (code(status, place + 2) << 4) |
      (code(status, place + 3) << 6)
}

/** The items after the last whole four. */
function writeRest(status: Uint8Array, bytes: Uint8Array): void {
  for (let place = status.length & ~3; place < status.length; place += 1)
    bytes[place >> 2] = (bytes[place >> 2] as number) | (code(status, place) << ((place & 3) * 2))
}

function code(status: Uint8Array, place: number): number {
  return CODES[status[place] as number] as number
}

/** @throws Error where it is not of so many items */
export function unpackStatus(packed: PackedStatus, status: Uint8Array): void {
  if (typeof packed === 'number') {
    status.fill(statusOf(packed))
    return
  }
  const bytes = bytesOf(packed)
  if (bytes.length !== Math.ceil(status.length / 4))
    throw new Error(`Packed states of other than ${status.length} items`)
  for (let place = 0; place < status.length; place += 1) {
    status[place] = STATUSES[((bytes[place >> 2] as number) >> ((place & 3) * 2)) & 3] as number
  }
}

function statusOf(packed: number): number {
  const status = STATUSES[packed]
  if (status === undefined) throw new Error(`Packed state ${packed}`)
  return status
}

/** Items on threads. @param count how many there are: looking ends with the last */
export function* packHanded(status: Uint8Array, count: number): Generator<void, string> {
  const writer = new ByteWriter()
  let next = 0
  for (let left = count, place = status.indexOf(STATUS.handed); left > 0 && place >= 0; left -= 1) {
    writer.add(place - next)
    next = place + 1
    place = status.indexOf(STATUS.handed, next)
  }
  return yield* writer.text()
}

export function unpackHanded(packed: string, status: Uint8Array): void {
  const reader = new ByteReader(packed)
  for (let next = 0; !reader.isAtEnd; next += 1) {
    next += reader.next()
    if (status[next] !== STATUS.queued) throw new Error(`Packed item ${next} cannot be on a thread`)
    status[next] = STATUS.handed
  }
}
