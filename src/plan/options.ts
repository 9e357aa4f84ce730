/** What a caller of `loadPlan` says besides the plan file: the machine, and the command line's say over the file. */
import { BatchtopError, EXIT } from '../model/errors.ts'
import { LEAST_CHECKPOINT, MAX_BATCH_SIZE, MAX_THREADS } from '../model/plan.ts'
import type { Bytes, Millis } from '../model/units.ts'

interface Machine {
  /** Cores this process may use. */
  readonly cores: number
  /** What the machine or its cgroup has in all. */
  readonly memory: Bytes
}

/** Options of the command line that go before the plan file. */
export interface Overrides {
  /** N, N% of the cores, +N (cores plus N), -N (cores minus N), or auto. */
  readonly threads?: string
  readonly memoryPerThread?: Bytes
  readonly reserve?: Bytes
  readonly batchSize?: number
  /** Categories, most urgent first; those of the plan that are not named come after them. */
  readonly priority?: readonly string[]
  /** Tries in all, for every batch. */
  readonly retries?: number
  /** For every batch. */
  readonly timeout?: Millis
  /** Longest time between two checkpoints. */
  readonly checkpoint?: Millis
  /** Ids of batches and phases; the plan is cut down to these and what they need. */
  readonly only?: readonly string[]
  /** True: needs count as met. */
  readonly noNeeds?: boolean
}

export interface LoadOptions {
  readonly machine: Machine
  readonly overrides: Overrides
  /** Text of the plan, where its file is gone: it is compiled as if it still stood at its path. */
  readonly text?: string
  /** Name of a plan that names itself nothing. Left out: the name of its file. */
  readonly name?: string
}

/**
 * The number of threads that `--threads` asks for; undefined for `auto`.
 * @throws BatchtopError `bad-option` (exit 2)
 */
export function threadsAsked(text: string, cores: number): number | undefined {
  if (text === 'auto') return undefined
  const match = /^(?:([+-]?)(\d+)|(\d+(?:\.\d+)?)%)$/.exec(text.trim())
  if (!match) {
    throw badOption(
      `--threads ${text}: that is no number of threads.`,
      'Say 6, 50% or +1 or -1 (of the cores), or auto.',
    )
  }
  const [, sign, amount, percent] = match
  const threads = percent === undefined ? relative(sign ?? '', Number(amount), cores) : share(Number(percent), cores)
  if (threads < 1 || threads > MAX_THREADS) {
    throw badOption(`--threads ${text}: a run has 1 to ${MAX_THREADS} threads, this would be ${threads}.`)
  }
  return threads
}

function relative(sign: string, amount: number, cores: number): number {
  if (sign === '+') return cores + amount
  return sign === '-' ? Math.max(1, cores - amount) : amount
}

function share(percent: number, cores: number): number {
  return percent > 0 ? Math.max(1, Math.round((cores * percent) / 100)) : 0
}

/** @throws BatchtopError `bad-option` (exit 2) where a number is out of its limits */
export function checkOverrides({ batchSize, retries, checkpoint }: Overrides): void {
  if (!isCount(batchSize, MAX_BATCH_SIZE)) {
    throw badOption(`--batch-size ${batchSize}: must be a whole number from 1 to ${MAX_BATCH_SIZE}.`)
  }
  if (!isCount(retries, Number.MAX_SAFE_INTEGER)) {
    throw badOption(`--retries ${retries}: must be a whole number from 1 up (tries in all).`)
  }
  if (checkpoint !== undefined && checkpoint < LEAST_CHECKPOINT) {
    throw badOption(`--checkpoint-interval ${checkpoint}ms: must be at least ${LEAST_CHECKPOINT / 1000}s.`)
  }
}

function isCount(value: number | undefined, most: number): boolean {
  return value === undefined || (Number.isInteger(value) && value >= 1 && value <= most)
}

export function badOption(message: string, hint?: string): BatchtopError {
  return new BatchtopError('bad-option', message, { exit: EXIT.usage, ...(hint === undefined ? {} : { hint }) })
}
