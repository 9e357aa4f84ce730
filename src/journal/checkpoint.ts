/**
 * checkpoint.json: a run's facts at one moment, so that a recovery reads what came after it and not the whole journal. A checkpoint of
 * generation G holds everything that stands in journal files below G; file G is made before it. May import model and run. The
 * supervisor writes it, `restore` and whoever only reads a run read it.
 */
import { join } from 'node:path'
import { Low } from 'lowdb'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { RunId } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import type { Bytes, WallTime } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import type { PackedFacts } from '../run/pack.ts'
import { unpackFacts } from '../run/pack.ts'
import type { RunState } from '../run/state.ts'
import type { Disk } from './disk.ts'
import { hasCode, realDisk } from './disk.ts'
import { BrokenSeal, SealedJson } from './durable-json.ts'

const FORMAT = 1

export const CHECKPOINT_NAME = 'checkpoint.json'

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

type Stored = { readonly format: number } & Checkpoint

/** Makes it durable in place of the one before. @returns its size */
export async function writeCheckpoint(folder: string, checkpoint: Checkpoint, disk: Disk = realDisk): Promise<Bytes> {
  const adapter = new SealedJson<Stored>(join(folder, CHECKPOINT_NAME), disk)
  await new Low<Stored>(adapter, { format: FORMAT, ...checkpoint }).write()
  return bytes(adapter.size)
}

/**
 * @returns undefined where there is none
 * @throws BatchtopError `checkpoint-damaged`, or `checkpoint-format` where another version wrote it
 */
export async function readCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  const path = join(folder, CHECKPOINT_NAME)
  const stored = await readStored(path)
  if (stored === null) return undefined
  const { format, ...checkpoint } = stored
  if (typeof format === 'number' && format !== FORMAT) throw unknownFormat(path, format)
  if (format !== FORMAT || !isCheckpoint(checkpoint)) throw damaged(path, 'fields are missing')
  return checkpoint
}

/** A checkpoint and the facts in it. */
export interface LoadedCheckpoint {
  readonly checkpoint: Checkpoint
  readonly state: RunState
}

/**
 * @param about the run that it must be of, and its plans by version - 1
 * @returns undefined where there is none
 * @throws BatchtopError `checkpoint-damaged`, `checkpoint-format`
 */
export async function loadCheckpoint(
  folder: string,
  { run, plans }: { readonly run: RunId; readonly plans: readonly Plan[] },
): Promise<LoadedCheckpoint | undefined> {
  const checkpoint = await readCheckpoint(folder)
  if (!checkpoint) return undefined
  const path = join(folder, CHECKPOINT_NAME)
  const plan = plans[checkpoint.planVersion - 1]
  if (checkpoint.run !== run || !plan) throw damaged(path, 'it is none of this run')
  try {
    const state = unpackFacts(plan, checkpoint.facts)
    // The facts were packed while the last events before the cut were still on their way to the disk.
    state.seq = checkpoint.seq
    return { checkpoint, state }
  } catch (error) {
    throw damaged(path, error instanceof Error ? error.message : String(error), error)
  }
}

async function readStored(path: string): Promise<Stored | null> {
  try {
    return await new SealedJson<Stored>(path).read()
  } catch (error) {
    if (error instanceof BrokenSeal || error instanceof SyntaxError) throw damaged(path, error.message, error)
    // A sector that cannot be read is the same to us as one that reads wrong.
    if (hasCode(error, 'EIO')) throw damaged(path, 'it cannot be read', error)
    throw error
  }
}

function isCheckpoint(value: Partial<Checkpoint>): value is Checkpoint {
  const { run, generation, seq, planVersion, at, values, facts } = value
  const isEachWhole = [generation, seq, planVersion].every((one) => Number.isSafeInteger(one))
  return isEachWhole && typeof run === 'string' && typeof at === 'number' && isObject(values) && isObject(facts)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function damaged(path: string, why: string, cause?: unknown): BatchtopError {
  return new BatchtopError('checkpoint-damaged', `Damaged checkpoint: ${path}: ${why}`, {
    hint: 'The journal holds everything a checkpoint does; `batchtop repair` puts the checkpoint aside.',
    exit: EXIT.usage,
    cause,
  })
}

function unknownFormat(path: string, format: number): BatchtopError {
  return new BatchtopError('checkpoint-format', `${path} has format ${format}, this batchtop reads ${FORMAT}.`, {
    hint: 'Use the version of batchtop that wrote it, or a newer one.',
  })
}
