/**
 * The form of a journal file: a first line that names format, run and generation, then frames, each one commit. A frame is
 * a header line and a body of exactly the bytes the header says:
 *
 *     batchtop-journal 1 <run> <generation>
 *     # <frame> <first seq> <events> <wall ms> <bytes> <crc32 in hex>
 *
 * The crc is seeded with the frame's number and covers the header's fields and the body, so a stale or moved frame, a torn
 * one and a flipped bit anywhere are all noticed. Frames of a file count from 1 without a gap, events of a file likewise.
 */
import { crc32 } from 'node:zlib'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { RunId } from '../model/ids.ts'
import { runId } from '../model/ids.ts'
import type { WallTime } from '../model/units.ts'

/** Format version of journal files. */
const JOURNAL_FORMAT = 1

/** Longest header line, newline included: six numbers of at most 16 digits. */
export const MAX_HEADER = 128

export interface FrameHeader {
  readonly frame: number
  readonly firstSeq: number
  readonly events: number
  readonly at: WallTime
  /** Bytes of the body. */
  readonly bytes: number
}

export function journalName(generation: number): string {
  return `journal-${String(generation).padStart(8, '0')}.log`
}

/** Generation of a journal file by its name; undefined where the name is none of a journal file. */
export function generationOf(name: string): number | undefined {
  const match = /^journal-(\d{8,})\.log$/.exec(name)
  return match ? Number(match[1]) : undefined
}

export function fileHeader(run: RunId, generation: number): string {
  return `batchtop-journal ${JOURNAL_FORMAT} ${run} ${generation}\n`
}

/**
 * Reads a file's first line (without its newline).
 * @returns undefined where it is damaged
 * @throws BatchtopError `journal-format` where another version wrote it
 */
export function parseFileHeader(
  line: string,
  path: string,
): { readonly run: RunId; readonly generation: number } | undefined {
  const match = /^batchtop-journal (\d+) (\S+)(?: (\d+))?/.exec(line)
  if (!match) return undefined
  if (Number(match[1]) !== JOURNAL_FORMAT) {
    throw new BatchtopError(
      'journal-format',
      `${path} has format ${match[1]}, this batchtop reads ${JOURNAL_FORMAT}.`,
      {
        hint: 'Use the version of batchtop that started this run, or a newer one.',
        exit: EXIT.usage,
      },
    )
  }
  if (match[0] !== line || match[3] === undefined) return undefined
  return { run: runId(match[2] as string), generation: Number(match[3]) }
}

/** One frame, ready to be written. */
export function encodeFrame(fields: Omit<FrameHeader, 'bytes'>, text: string): Buffer {
  const body = Buffer.from(text)
  const header: FrameHeader = { ...fields, bytes: body.length }
  return Buffer.concat([Buffer.from(`# ${fieldsOf(header)} ${checksum(header, body)}\n`), body])
}

function fieldsOf({ frame, firstSeq, events, at, bytes }: FrameHeader): string {
  return `${frame} ${firstSeq} ${events} ${at} ${bytes}`
}

function checksum(header: FrameHeader, body: Buffer): string {
  const seed = crc32(fieldsOf(header), header.frame % 2 ** 32)
  return crc32(body, seed).toString(16).padStart(8, '0')
}
