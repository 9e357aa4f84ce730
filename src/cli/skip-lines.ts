import type { Sink } from '../output/sink.ts'
import type { EventTail } from './event-tail.ts'

/** A sink that leaves out the first lines of one event, because they have been written already. */
export function skipLines(sink: Sink, { seq, lines }: EventTail): Sink {
  let left = lines
  const isThere = (line: string): boolean => {
    if (left === 0 || (JSON.parse(line) as { readonly seq?: number }).seq !== seq) return false
    left -= 1
    return true
  }
  return {
    isBroken: sink.isBroken,
    write: async (text) => {
      if (left === 0) return await sink.write(text)
      const rest = String(text)
        .split(/(?<=\n)/)
        .filter((line) => !isThere(line))
        .join('')
      if (rest !== '') await sink.write(rest)
    },
  }
}
