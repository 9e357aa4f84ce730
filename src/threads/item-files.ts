/**
 * The two files a command writes to say how far it is and what its value is. Every attempt has its own: who writes later than that is not
 * heard.
 */
import { constants, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Progress } from './table.ts'
import { valueText } from './value.ts'

/** Nobody's progress is longer. */
const MOST_PROGRESS = 4096

/** A value is much shorter, but may be written with blanks. */
const MOST_VALUE = 2 ** 20

export class ItemFiles {
  /** What the paths of all files of a thread begin with; then come number and attempt of an item. */
  readonly prefix: string
  #progressPath = ''
  #valuePath = ''
  /** What stood in the progress file when it was looked at last. */
  #seen = ''

  constructor(folder: string, thread: number) {
    const own = join(folder, 'threads')
    mkdirSync(own, { recursive: true, mode: 0o700 })
    this.prefix = join(own, `t${thread}-`)
    for (const name of readdirSync(own)) if (name.startsWith(`t${thread}-`)) remove(join(own, name))
  }

  /** An attempt begins. */
  begin(number: number, attempt: number): void {
    this.#seen = ''
    this.#progressPath = `${this.prefix}${number}-${attempt}-progress`
    this.#valuePath = `${this.prefix}${number}-${attempt}-value`
  }

  /** Nobody reads them any more. */
  clear(): void {
    remove(this.#progressPath)
    remove(this.#valuePath)
  }

  /** What the item says of itself, where it is news. */
  progress(): Progress | undefined {
    const size = sizeOf(this.#progressPath)
    if (size === undefined || size > MOST_PROGRESS) return undefined
    const text = read(this.#progressPath)
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
    const size = sizeOf(this.#valuePath)
    if (size === undefined) return undefined
    if (size > MOST_VALUE) throw new TypeError(`what it wrote to $BATCHTOP_VALUE has ${size} bytes: that is no value`)
    const text = read(this.#valuePath)
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

/** Undefined where it is not there, or no plain file. */
function sizeOf(path: string): number | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false })
    return found?.isFile() ? found.size : undefined
  } catch {
    // Commands may do anything to the folder.
    return undefined
  }
}

/** Whatever it has become meanwhile: nobody waits for who might write to a pipe. */
function read(path: string): string {
  try {
    return readFileSync(path, { encoding: 'utf8', flag: constants.O_RDONLY | constants.O_NONBLOCK })
  } catch {
    return ''
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true, recursive: true })
  } catch {
    // It is in nobody's way.
  }
}
