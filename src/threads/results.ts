/** Reads the values of a finished batch for `context.results`. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { ResultSource } from '../model/chunk.ts'
import type { ItemValue } from './context.ts'

/**
 * Lines `{"item":name,"value":…}` of the files in order, up to `end` bytes in total: what stands behind that is not durable yet. Lines that
 * a recovery made void are left out.
 */
export async function* readResults({ files, end, voids = [] }: ResultSource): AsyncGenerator<ItemValue> {
  const isVoid = voidLines(voids)
  let left = end
  for (const file of files) {
    if (left <= 0) return
    // One file after another, in order.
    const { size } = await stat(file)
    if (size === 0) continue
    const input = createReadStream(file, { end: Math.min(left, size) - 1 })
    let offset = end - left
    for await (const line of createInterface({ input })) {
      const found = JSON.parse(line) as ItemValue
      if (!isVoid(found.item, offset)) yield found
      if (voids.length > 0) offset += Buffer.byteLength(line) + 1
    }
    left -= size
  }
}

function voidLines(voids: NonNullable<ResultSource['voids']>): (item: string, offset: number) => boolean {
  const all = voids.map(({ before, names }) => ({ before, names: new Set(names) }))
  return (item, offset) => all.some(({ before, names }) => offset < before && names.has(item))
}
