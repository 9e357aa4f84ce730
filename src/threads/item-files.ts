/** The two files a command writes to say how far it is and what its value is. They are a thread's: one item uses them at a time. */
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from './table.ts'
import { valueText } from './value.ts'

/** Nobody's progress is longer. */
const MOST_PROGRESS = 4096

export class ItemFiles {
  readonly progressPath: string
  readonly valuePath: string
  /** What stood in the progress file when it was looked at last. */
  #seen = ''

  constructor(folder: string, thread: number) {
    const own = join(folder, 'threads')
    mkdirSync(own, { recursive: true, mode: 0o700 })
    this.progressPath = join(own, `t${thread}-progress`)
    this.valuePath = join(own, `t${thread}-value`)
    this.clear()
  }

  /** Whatever an item left there is not of the next. */
  clear(): void {
    this.#seen = ''
    for (const path of [this.progressPath, this.valuePath]) if (sizeOf(path) !== undefined) remove(path)
  }

  /** What the item says of itself, where it is news. */
  progress(): Progress | undefined {
    const size = sizeOf(this.progressPath)
    if (size === undefined || size > MOST_PROGRESS) return undefined
    const text = read(this.progressPath)
    // A file is empty for a moment while it is written anew.
    if (text === '' || text === this.#seen) return undefined
    this.#seen = text
    return parseProgress(text)
  }

  /**
   * The item's value as JSON text; undefined where it wrote none.
   * @throws TypeError, for people, where it is no JSON or too long
   */
  value(): string | undefined {
    if (sizeOf(this.valuePath) === undefined) return undefined
    const text = read(this.valuePath)
    if (text.trim() === '') return undefined
    return valueText(parse(text))
  }
}

/** `40%`, `40% linking`, or words alone; the last line counts. */
function parseProgress(text: string): Progress {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? ''
  const [, percent, words] = /^(\d+(?:\.\d+)?)\s*%\s*(.*)$/.exec(line) ?? []
  if (percent === undefined) return line === '' ? {} : { note: line }
  return { fraction: Math.min(1, Number(percent) / 100), ...(words ? { note: words } : {}) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new TypeError(`what it wrote to $BATCHTOP_VALUE is not JSON: ${(error as Error).message}`, { cause: error })
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.size
  } catch {
    // Commands may do anything to the folder.
    return undefined
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true, recursive: true })
  } catch {
    // What cannot be removed is read again, and at worst is the next one's.
  }
}
