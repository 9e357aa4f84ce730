/** A run's folder: made before anything happens, read by whoever wants to know what did. */
import { randomInt } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { BatchtopError } from '../model/errors.ts'
import type { RunId } from '../model/ids.ts'
import { runId } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import { hasCode, syncFolder, writeNewFile } from './disk.ts'
import { writePlan } from './plan-files.ts'
import type { RunInfo } from './run-info.ts'
import { readRunInfo } from './run-info.ts'

/** Digits of a run's id: short enough to type, one more after a few collisions. */
const SHORTEST_ID = 4
const TRIES_PER_LENGTH = 8

/** What the names of folders begin with that are being removed. */
export const GONE = '.gone-'

/** Makes the folder of a new run, durable as a whole. */
export async function createRunFolder(
  stateDir: string,
  plan: Plan,
  planText: string,
): Promise<{ run: RunId; folder: string }> {
  const runs = join(stateDir, 'runs')
  const { run, folder } = await reserve(runs)
  for (const name of ['values', 'logs']) await mkdir(join(folder, name), { mode: 0o700 })
  await writePlan(folder, { version: 1, plan, planText }, writeNewFile)
  await syncFolder(folder)
  await syncFolder(runs)
  return { run, folder }
}

async function reserve(runs: string): Promise<{ run: RunId; folder: string }> {
  for (let tries = 0; ; tries += 1) {
    const digits = SHORTEST_ID + Math.floor(tries / TRIES_PER_LENGTH)
    const run = runId(
      randomInt(16 ** Math.min(digits, 8))
        .toString(16)
        .padStart(digits, '0'),
    )
    try {
      await mkdir(join(runs, run), { mode: 0o700 })
      return { run, folder: join(runs, run) }
    } catch (error) {
      if (!hasCode(error, 'EEXIST') || digits > 8) throw error
    }
  }
}

/** All runs of a state folder that this version can read, newest first. */
export async function listRuns(stateDir: string): Promise<RunInfo[]> {
  const runs = join(stateDir, 'runs')
  const names = await readdir(runs).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
  const ids = names.filter((name) => !name.startsWith(GONE))
  const found = await Promise.all(ids.map((name) => readIfKnown(join(runs, name))))
  return found.flatMap((info) => (info ? [info] : [])).toSorted((left, right) => right.startedAt - left.startedAt)
}

/** One run of a newer batchtop, or a damaged one, is no reason to show none. */
export async function readIfKnown(folder: string): Promise<RunInfo | undefined> {
  try {
    return await readRunInfo(folder)
  } catch (error) {
    if (error instanceof BatchtopError && (error.code === 'run-format' || error.code === 'run-damaged'))
      return undefined
    throw error
  }
}

/** Runs that somebody may mean: by the beginning of an id, the name of a plan (its newest), or `last`. */
export function matchRuns(runs: readonly RunInfo[], wanted: string): readonly RunInfo[] {
  if (wanted === 'last') return runs.slice(0, 1)
  const byId = runs.filter(({ run }) => run.startsWith(wanted))
  if (byId.length > 0) return byId.some(({ run }) => run === wanted) ? byId.filter(({ run }) => run === wanted) : byId
  return runs.filter(({ plan }) => plan === wanted).slice(0, 1)
}
