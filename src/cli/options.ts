/** What can be written behind an option: each function reads one kind of value or refuses it with a sentence commander shows. */
import { InvalidArgumentError } from 'commander'
import type { ItemStateWord } from '../model/feed.ts'
import type { Changed } from '../model/start.ts'
import type { Bytes, Millis } from '../model/units.ts'
import { parseSize, parseTime } from '../model/units.ts'

/** Options that change what a plan compiles to: of `run`, `plan check` and `plan show`. */
export interface PlanOptions {
  /** As written: the plan room reads it. */
  readonly threads?: string
  readonly memoryPerThread?: Bytes
  readonly reserve?: Bytes
  readonly batchSize?: number
  readonly priority?: readonly string[]
  readonly only?: readonly string[]
  /** False: `--no-needs`. */
  readonly needs: boolean
  readonly retries?: number
  readonly timeout?: Millis
  /** Of `run` and `recover` only. */
  readonly checkpointInterval?: Millis
}

/** Options of everything that shows something. */
export interface ShowOptions {
  readonly json?: boolean
  /** False: `--no-color`. */
  readonly color: boolean
}

/** Options of `run` and `recover`. */
export interface StartOptions extends PlanOptions, ShowOptions {
  readonly output?: string
  readonly events?: string
  readonly samples?: Millis
  readonly stateDir?: string
  readonly stateOnNetwork?: boolean
  readonly changed?: Changed
  readonly detach?: boolean
  readonly foreground?: boolean
  readonly plain?: boolean
  readonly quiet?: boolean
  readonly ascii?: boolean
}

export interface RunOptions extends StartOptions {
  readonly dryRun?: boolean
  readonly recover?: boolean
  readonly new?: boolean
}

export interface RecoverOptions extends StartOptions, TargetOptions {}

/** Options of every verb that concerns one run. */
export interface TargetOptions {
  /** `-R`, or the verb's argument. */
  readonly run?: string
  readonly stateDir?: string
}

export function size(bare: number): (text: string) => Bytes {
  return (text) => parseSize(text, bare) ?? refuse(`A size is needed, such as 2GB, 512M or 1.5GiB, not "${text}".`)
}

export function time(bare: number): (text: string) => Millis {
  return (text) => parseTime(text, bare) ?? refuse(`A time is needed, such as 30s, 5m or 2h, not "${text}".`)
}

/** A whole number of at least `least`. */
export function count(least = 1): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    return Number.isSafeInteger(value) && value >= least
      ? value
      : refuse(`A whole number of at least ${least} is needed, not "${text}".`)
  }
}

/** `a,b,c`; given twice, the lists add up. */
export function list(text: string, before: readonly string[] = []): readonly string[] {
  const words = text.split(',').map((word) => word.trim())
  return words.every((word) => word !== '')
    ? [...before, ...words]
    : refuse(`A list with commas is needed, such as a,b,c, not "${text}".`)
}

/** `1,3,5`. */
export function threadList(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, ...list(text).map(count(1))]
}

const states: readonly ItemStateWord[] = ['queued', 'running', 'waiting', 'succeeded', 'failed', 'skipped']

export function stateList(text: string, before: readonly ItemStateWord[] = []): readonly ItemStateWord[] {
  return [
    ...before,
    ...list(text).map(
      (word) => states.find((state) => state === word) ?? refuse(`States are ${states.join(', ')}, not "${word}".`),
    ),
  ]
}

const ways: readonly Changed[] = ['rerun', 'keep', 'fail']

export function changedWay(text: string): Changed {
  return (
    ways.find((way) => way === text) ?? refuse(`Changed items are dealt with by ${ways.join(', ')}, not "${text}".`)
  )
}

/** `10x`, `10` or `0.5x`. */
export function speed(text: string): number {
  const value = /^(?:\d+(?:\.\d+)?|\.\d+)x?$/.test(text) ? Number(text.replace('x', '')) : Number.NaN
  return value > 0 ? value : refuse(`A speed is needed, such as 10x or 0.5x, not "${text}".`)
}

/** `threads N|+N|-N` of a live run. */
export function threadsChange(text: string): { readonly to: number } | { readonly by: number } {
  const match = /^(?<sign>[+-]?)(?<digits>\d{1,6})$/.exec(text)
  const { sign = '', digits = '' } = match?.groups ?? {}
  const value = Number(digits)
  if (!match || value < 1) return refuse(`Threads are given as 6, +2 or -1, not "${text}".`)
  return sign === '' ? { to: value } : { by: sign === '+' ? value : -value }
}

function refuse(message: string): never {
  throw new InvalidArgumentError(message)
}
