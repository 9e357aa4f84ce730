/**
 * Runs that may go: too many, too old or too large. May import model. Called by `batchtop prune` and once by every supervisor that
 * starts.
 */
import type { Bytes, Millis, WallTime } from '../model/units.ts'
import type { RunInfo } from './run-info.ts'

export interface Limits {
  /** Most runs that stay. Left out: 20. */
  readonly keep?: number
  /** A run goes so long after it ended. Left out: 30 days. */
  readonly age?: Millis
  /** Most bytes all runs that stay may have. Left out: 1 GB. */
  readonly size?: Bytes
}

export interface PruneOptions extends Limits {
  /** True: runs with work left may go too; live ones never. */
  readonly force?: boolean
  readonly now: WallTime
  readonly isLive: (info: RunInfo) => boolean
}

/** A run that is over a limit. */
export interface Prunable {
  readonly info: RunInfo
  readonly bytes: Bytes
  /** Which limit, in words. */
  readonly reason: string
  /** Why it stays all the same, in words; undefined: it goes. */
  readonly kept?: string
}

/** Runs over a limit, newest first. Reads only. */
export declare function findPrunable(stateDir: string, options: PruneOptions): Promise<Prunable[]>

/**
 * Removes a run's folder as a whole: it is never seen half removed.
 * @param options `isLockHeld`: the caller itself holds the lock of the run's plan
 * @returns false, and nothing done, where a supervisor has the run's plan
 */
export declare function removeRun(
  stateDir: string,
  info: RunInfo,
  options?: { readonly isLockHeld?: boolean },
): Promise<boolean>

/** Removes what a killed prune or a killed start left in the state folder. */
export declare function removeLeftovers(stateDir: string, now: WallTime): Promise<void>
