/**
 * The end of a file that a run's JSON lines were written to before: what of the run it holds already, so that a recorder that goes on with it
 * repeats nothing and leaves nothing out.
 */
import { fstatSync, readSync, writeSync } from 'node:fs'
import type { RunId } from '../model/ids.ts'

/** Bytes that are read at once, from the end on. */
const STEP = 64 * 2 ** 10

const NEWLINE = 10

export interface EventTail {
  /** The last event of the run that has a whole line there; 0 where it has none. */
  readonly seq: number
  /** How many lines of that event are whole: one event may be many lines. */
  readonly lines: number
}

/** @returns undefined where the file cannot be read back, such as a pipe */
export function readEventTail(fd: number, run: RunId): EventTail | undefined {
  if (!canReadBack(fd)) return undefined
  let seq = 0
  let lines = 0
  for (const line of linesFromEnd(fd)) {
    const found = seqOf(line, run)
    if (found === undefined) continue
    if (seq === 0) seq = found
    if (found !== seq) break
    lines += 1
  }
  return { seq, lines }
}

/** Ends a last line that was cut short, so that the next one stands by itself. */
export function endCutLine(fd: number): void {
  if (!canReadBack(fd)) return
  const { size } = fstatSync(fd)
  const last = Buffer.alloc(1)
  if (size === 0 || readSync(fd, last, 0, 1, size - 1) === 0 || last[0] === NEWLINE) return
  writeSync(fd, '\n')
}

function canReadBack(fd: number): boolean {
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) return false
    readSync(fd, Buffer.alloc(1), 0, 1, 0)
    return true
  } catch {
    // Opened for writing only: the person may write it, but not read it.
    return false
  }
}

/** Whole lines without their ends, the last one first. What stands behind the last newline is none. */
function* linesFromEnd(fd: number): Generator<string> {
  let end = fstatSync(fd).size
  let held: Buffer = Buffer.alloc(0)
  let isWhole = false
  for (;;) {
    const newline = held.lastIndexOf(NEWLINE)
    if (newline >= 0) {
      if (isWhole) yield held.toString('utf8', newline + 1)
      held = held.subarray(0, newline)
      isWhole = true
    } else if (end > 0) {
      const piece = Buffer.alloc(Math.min(STEP, end))
      end -= piece.length
      held = Buffer.concat([piece.subarray(0, readSync(fd, piece, 0, piece.length, end)), held])
    } else break
  }
  if (isWhole) yield held.toString('utf8')
}

/** The number of an event in a line of this run; undefined for any other line, and for those without a number. */
function seqOf(line: string, run: RunId): number | undefined {
  // Most lines of a shared file need not be understood to be told apart.
  if (!line.includes(run) || !line.includes('"seq":')) return undefined
  try {
    const read = JSON.parse(line) as { readonly run?: unknown; readonly seq?: unknown } | null
    return read?.run === run && typeof read.seq === 'number' ? read.seq : undefined
  } catch {
    return undefined
  }
}
