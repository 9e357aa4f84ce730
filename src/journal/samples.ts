/**
 * samples.log: memory and CPU of a run, a line a look, beside its journal. Never synced and nobody's promise: it may be missing, cut or have
 * holes. May import model. The supervisor writes it, replays read it.
 */
import { join } from 'node:path'
import type { Sample } from '../model/chunk.ts'
import type { Bytes, WallTime } from '../model/units.ts'
import { wallTime } from '../model/units.ts'

export interface KeptSample {
  readonly at: WallTime
  readonly sample: Sample
  /** What the threads were allowed to use then. */
  readonly budget: Bytes
  /** Cap of one thread; undefined where there were no threads. */
  readonly cap: Bytes | undefined
}

/** What a line holds: the fields of the contract's `memory.sampled`, and for replays the CPU use. */
interface Stored {
  /** Comes first, so that a line's time can be told without parsing the rest. In ms since 1970. */
  readonly at: number
  readonly budget: Bytes
  readonly used: Bytes
  readonly system: Sample['system']
  readonly threads: readonly (Omit<Sample['threads'][number], 'cpu'> & {
    /** Runs of before there were replays have none. */
    readonly cpu?: number
    readonly cap?: Bytes
  })[]
}

/** What a line is made of: a look at the machine, and what the run knows of its memory. */
export interface Look extends Sample {
  readonly at: number
  readonly budget: Bytes
  /** By all threads. */
  readonly used: Bytes
  /** Of one thread. */
  readonly cap: Bytes
}

export function samplesPath(folder: string): string {
  return join(folder, 'samples.log')
}

/** A line with its end. */
export function encodeSample({ at, budget, used, system, threads, cap }: Look): string {
  const stored: Stored = {
    at: Math.round(at),
    budget,
    used,
    system,
    threads: threads.map(({ thread, used: own, cpu }) => ({
      thread,
      used: own,
      cap,
      cpu: Math.round(cpu * 100) / 100,
    })),
  }
  return `${JSON.stringify(stored)}\n`
}

/** When a line was written, for a fraction of what parsing it costs; undefined where it is none. */
export function timeOfSample(line: string): WallTime | undefined {
  const at = /^\{"at":(\d+),/.exec(line)?.[1]
  return at === undefined ? undefined : wallTime(Number(at))
}

/** Undefined where the line is not what was written. */
export function decodeSample(line: string): KeptSample | undefined {
  try {
    const { at, budget, system, threads } = JSON.parse(line) as Stored
    const { total, available } = system
    const seen = threads.map(({ thread, used, cpu = Number.NaN }) => ({ thread, used, cpu }))
    const isWhole = [at, budget, total, available, ...seen.map(({ used }) => used)].every(Number.isFinite)
    if (!isWhole) return undefined
    const sample = { system: { total, available }, threads: seen }
    return { at: wallTime(at), sample, budget, cap: threads[0]?.cap }
  } catch {
    return undefined
  }
}
