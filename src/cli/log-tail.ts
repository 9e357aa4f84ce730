/** Output of items, cut into lines. */
import type { LogRef } from '../model/event.ts'
import type { ThreadNumber } from '../model/ids.ts'
import { readLog } from '../threads/logs.ts'

/** A log of which only the last lines are wanted is read from this far before its end. */
const TAIL_BYTES = 64 * 2 ** 10

interface Place {
  readonly thread: ThreadNumber
  readonly log: LogRef
}

/** The last lines of an attempt's output, newest last; empty where it cannot be read (any more). */
export async function readTail(folder: string, { thread, log }: Place, lines: number): Promise<readonly string[]> {
  const skipped = Math.max(0, log.length - TAIL_BYTES)
  const part = { file: log.file, offset: log.offset + skipped, length: log.length - skipped }
  const text = await readLog(folder, thread, part).catch(() => undefined)
  if (!text || text.length === 0) return []
  const all = text
    .toString('utf8')
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
  // The first line may have lost its beginning.
  return (skipped > 0 && all.length > 1 ? all.slice(1) : all).slice(-lines).map(lastWritten)
}

/** Progress bars go back to the beginning of their line and write it anew: of those that is what they wrote last. */
function lastWritten(line: string): string {
  return line.split('\r').findLast((part) => part !== '') ?? ''
}
