/** What was kept of a run's memory in samples.log, in order, thinned to what a screen shows of it. */
import type { FileHandle } from 'node:fs/promises'
import { open } from 'node:fs/promises'
import type { KeptSample } from '../../journal/samples.ts'
import { decodeSample, samplesPath, timeOfSample } from '../../journal/samples.ts'
import type { WallTime } from '../../model/units.ts'

interface Line {
  readonly at: WallTime
  readonly text: string
}

const CHUNK = 64 * 2 ** 10

/** No line is longer; what is, is no line. */
const LONGEST_LINE = 2 ** 20

/** The curve of the screen has a point every 5 s and holds five minutes: nothing else of what lies back is worth reading. */
const EVERY_MS = 5000
const CURVE_MS = 5 * 60_000

export class SamplesReader {
  readonly #folder: string
  #handle: FileHandle | 'missing' | undefined
  #text = ''
  #from = 0
  /** The first line behind what was asked for. */
  #next: Line | undefined
  #givenAt = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** What a picture of `now` needs of what was not given before; the newest last. */
  async upTo(now: WallTime): Promise<readonly KeptSample[]> {
    const found: KeptSample[] = []
    let last: Line | undefined
    for (let line = await this.#peek(); line && line.at <= now; line = await this.#peek()) {
      this.#next = undefined
      if (last && now - last.at <= CURVE_MS && last.at - this.#givenAt >= EVERY_MS) this.#give(found, last)
      last = line
    }
    if (last) this.#give(found, last)
    return found
  }

  async close(): Promise<void> {
    if (typeof this.#handle === 'object') await this.#handle.close()
    this.#handle = 'missing'
  }

  #give(found: KeptSample[], { at, text }: Line): void {
    this.#givenAt = at
    const sample = decodeSample(text)
    if (sample) found.push(sample)
  }

  async #peek(): Promise<Line | undefined> {
    while (!this.#next) {
      const text = await this.#line()
      if (text === undefined) return undefined
      const at = timeOfSample(text)
      if (at !== undefined) this.#next = { at, text }
    }
    return this.#next
  }

  async #line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n', this.#from)
      if (end >= 0) {
        const line = this.#text.slice(this.#from, end)
        this.#from = end + 1
        return line
      }
      if (!(await this.#fill())) return undefined
    }
  }

  async #fill(): Promise<boolean> {
    this.#handle ??= await open(samplesPath(this.#folder)).catch(() => 'missing' as const)
    if (this.#handle === 'missing') return false
    const rest = this.#text.slice(this.#from)
    const read = await this.#handle.read(Buffer.allocUnsafe(CHUNK)).catch(() => undefined)
    if (!read || read.bytesRead === 0) return false
    this.#text = (rest.length > LONGEST_LINE ? '' : rest) + read.buffer.toString('latin1', 0, read.bytesRead)
    this.#from = 0
    return true
  }
}
