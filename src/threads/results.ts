/** Reads the values of a finished batch for `context.results`. */
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { ResultSource } from '../model/chunk.ts'
import type { ItemValue } from './context.ts'

/** Lines `{"item":name,"value":…}` of the files in order, up to `end` bytes in total: what stands behind that is not durable yet. */
export async function* readResults({ files, end }: ResultSource): AsyncGenerator<ItemValue> {
  let left = end
  for (const file of files) {
    if (left <= 0) return
    // One file after another, in order.
    const { size } = await stat(file)
    if (size === 0) continue
    const input = createReadStream(file, { end: Math.min(left, size) - 1 })
    for await (const line of createInterface({ input })) yield JSON.parse(line) as ItemValue
    left -= size
  }
}
