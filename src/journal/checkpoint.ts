/**
 * checkpoint.json: a run's facts at one moment, so that a recovery reads what came after it and not the whole journal. A checkpoint of
 * generation G holds everything that stands in journal files below G; file G is made before it. May import model and run. The
 * supervisor writes it, `restore` and whoever only reads a run read it.
 */
import type { RunId } from '../model/ids.ts'
import type { Bytes, WallTime } from '../model/units.ts'
import type { PackedFacts } from '../run/pack.ts'
import type { Disk } from './disk.ts'

export interface Checkpoint {
  readonly run: RunId
  /** First journal file that holds more than this. */
  readonly generation: number
  /** Number of the last event in it. */
  readonly seq: number
  /** Which compiled plan the facts belong to. */
  readonly planVersion: number
  readonly at: WallTime
  /** Bytes of returned values that durable events name, by batch id. */
  readonly values: Readonly<Record<string, number>>
  readonly facts: PackedFacts
}

/** Makes it durable in place of the one before. @returns its size */
export declare function writeCheckpoint(folder: string, checkpoint: Checkpoint, disk?: Disk): Promise<Bytes>

/**
 * @returns undefined where there is none
 * @throws BatchtopError `checkpoint-damaged`, or `checkpoint-format` where another version wrote it
 */
export declare function readCheckpoint(folder: string): Promise<Checkpoint | undefined>
