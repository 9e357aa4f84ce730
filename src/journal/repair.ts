/**
 * What can be saved of a damaged run: the longest prefix of its journal that is whole. Nothing is thrown away, what must go is kept under
 * another name. May import model and run. Called by `batchtop repair`, with the plan's lock held for the repair itself.
 */
import type { Disk } from './disk.ts'
import type { RunInfo } from './run-info.ts'

/** A place where a file of a run is not what was written. */
export interface Damage {
  readonly path: string
  /** Byte in the file. */
  readonly offset: number
  readonly why: string
}

export interface Examination {
  /** In order: before the checkpoint, behind it, the checkpoint itself. Empty: nothing is damaged. */
  readonly damages: readonly Damage[]
  /** What a repair keeps: the facts up to this event. */
  readonly kept: { readonly events: number; readonly succeeded: number }
  /** What stands whole behind the damage and a repair sets aside. */
  readonly dropped: { readonly frames: number; readonly events: number }
  /** The damage is older than the checkpoint: all facts are kept, only the history before it has a hole. */
  readonly isCovered: boolean
}

export interface Repaired {
  /** Absolute paths of the files that are kept under another name. */
  readonly kept: readonly string[]
}

/** Reads only. */
export declare function examineRun(folder: string, info: RunInfo): Promise<Examination>

/** Idempotent, and safe to be killed at any point. */
export declare function repairRun(
  folder: string,
  info: RunInfo,
  options: { readonly examination: Examination; readonly disk?: Disk },
): Promise<Repaired>
