/** Sends what the worker prints to the log of the item that runs. */

/** @param write false: no item runs, the text goes where it would have gone */
export function captureOutput(write: (text: string | Uint8Array) => boolean): void {
  for (const stream of [process.stdout, process.stderr]) {
    const through = stream.write.bind(stream)
    // Synchronous, not piped: the output of a synchronous loop would otherwise arrive after it, under another item.
    stream.write = (text: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
      const bytes =
        typeof text === 'string' && typeof encoding === 'string' ? Buffer.from(text, encoding as BufferEncoding) : text
      if (!write(bytes)) return through(text)
      const written = typeof encoding === 'function' ? encoding : done
      if (typeof written === 'function') process.nextTick(written)
      return true
    }
  }
}
