/** run.json: what a run is and, once it ended, how. Written by that run's supervisor only. */
import { join } from 'node:path'
import { Low } from 'lowdb'
import { BatchtopError } from '../model/errors.ts'
import type { Outcome } from '../model/event.ts'
import type { RunId } from '../model/ids.ts'
import type { StartRequest } from '../model/start.ts'
import type { WallTime } from '../model/units.ts'
import { DurableJson } from './durable-json.ts'

const FORMAT: number = 1
const NAME = 'run.json'

export interface RunInfo {
  readonly format: number
  readonly run: RunId
  /** The plan's name. */
  readonly plan: string
  readonly planPath: string
  readonly stateDir: string
  /** Absolute path of the run's folder. */
  readonly folder: string
  readonly startedAt: WallTime
  /** When the newest epoch but the first began. */
  readonly recoveredAt?: WallTime
  readonly epoch: number
  /** Which compiled plan of the run holds: 1 is the plan of the start. */
  readonly planVersion: number
  /** Of its supervisor, for messages: whether it lives is asked over the socket. */
  readonly pid: number
  readonly bootId: string
  readonly isForeground: boolean
  readonly options: StartRequest['options']
  readonly items: number
  readonly threads: number
  readonly ended?: RunEnd
}

interface RunEnd {
  readonly at: WallTime
  readonly outcome: Outcome
  readonly succeeded: number
  readonly failed: number
  readonly skipped: number
  readonly left: number
  /** Milliseconds from start to end. */
  readonly ms: number
  readonly exit: number
}

export async function writeRunInfo(info: RunInfo): Promise<void> {
  await new Low<RunInfo>(new DurableJson(join(info.folder, NAME)), info).write()
}

/**
 * Its `folder` is where it was read, wherever it was written.
 * @returns undefined where the folder holds no run
 * @throws BatchtopError `run-format` for a run of a newer batchtop, `run-damaged` where it is not what was written
 */
export async function readRunInfo(folder: string): Promise<RunInfo | undefined> {
  const path = join(folder, NAME)
  const info = await new DurableJson<RunInfo>(path).read().catch((error: unknown) => {
    if (error instanceof SyntaxError) throw damagedRun(path, error)
    throw error
  })
  if (!info) return undefined
  // Runs of before there were recoveries say no version.
  if (info.format === FORMAT) return { ...info, planVersion: info.planVersion ?? 1, folder }
  throw new BatchtopError('run-format', `${path} has format ${String(info.format)}, this batchtop knows ${FORMAT}.`, {
    hint: 'A newer batchtop wrote it: use that one.',
  })
}

/** For a file of a run's folder without which nothing can be made of the run. */
export function damagedRun(path: string, cause: Error): BatchtopError {
  return new BatchtopError('run-damaged', `${path} is damaged: ${cause.message}`, {
    hint: 'The disk or somebody changed this file. It is needed to read the run.',
    cause,
  })
}
