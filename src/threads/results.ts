/** Reads the values of a finished batch: for `context.results`, and where commands get a copy. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { ResultSource } from '../model/chunk.ts'
import type { ItemValue } from './context.ts'

export async function* readResults(source: ResultSource): AsyncGenerator<ItemValue> {
  for await (const { found } of readLines(source)) yield found
}

/** A line `{"item":name,"value":…}` as it stands, without its end, and what it says. */
export interface ResultLine {
  readonly line: Buffer
  readonly found: ItemValue
}

/**
 * The lines of the files in order, up to `end` bytes in total: what stands behind that is not durable yet. Lines that a recovery made void
 * are left out.
 */
export async function* readLines({ files, end, voids = [] }: ResultSource): AsyncGenerator<ResultLine> {
  const isVoid = voidLines(voids)
  let left = end
  for (const file of files) {
    if (left <= 0) return
    // One file after another, in order.
    const { size } = await stat(file)
    if (size === 0) continue
    const input = createReadStream(file, { end: Math.min(left, size) - 1 })
    let offset = end - left
    for await (const line of linesOf(input)) {
      const found = JSON.parse(line.toString()) as ItemValue
      if (!isVoid(found.item, offset)) yield { line, found }
      offset += line.length + 1
    }
    left -= size
  }
}

const NEWLINE = 10

/** Not by `readline`: it also ends a line at U+2028, which may stand in JSON as it is. */
async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = []
  for await (const piece of input) {
    let from = 0
    for (let end = piece.indexOf(NEWLINE); end >= 0; end = piece.indexOf(NEWLINE, from)) {
      const last = piece.subarray(from, end)
      yield begun.length === 0 ? last : Buffer.concat([...begun, last])
      begun = []
      from = end + 1
    }
    if (from < piece.length) begun.push(piece.subarray(from))
  }
}

function voidLines(voids: NonNullable<ResultSource['voids']>): (item: string, offset: number) => boolean {
  const all = voids.map(({ before, names }) => ({ before, names: names === 'all' ? undefined : new Set(names) }))
  return (item, offset) => all.some(({ before, names }) => offset < before && (!names || names.has(item)))
}
