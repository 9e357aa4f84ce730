/** A run's folder: made before anything happens, read by whoever wants to know what did. */
import { randomInt } from 'node:crypto'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BatchtopError } from '../model/errors.ts'
import type { RunId } from '../model/ids.ts'
import { runId } from '../model/ids.ts'
import type { Batch, Plan } from '../model/plan.ts'
import { hasCode, syncFolder, writeNewFile } from './disk.ts'
import type { RunInfo } from './run-info.ts'
import { readRunInfo } from './run-info.ts'

/** Digits of a run's id: short enough to type, one more after a few collisions. */
const SHORTEST_ID = 4
const TRIES_PER_LENGTH = 8

/** Where the names of a listed batch stand in items.list. */
interface Listed {
  readonly kind: 'list'
  readonly from: number
}

/** Makes the folder of a new run, durable as a whole. */
export async function createRunFolder(
  stateDir: string,
  plan: Plan,
  planText: string,
): Promise<{ run: RunId; folder: string }> {
  const runs = join(stateDir, 'runs')
  const { run, folder } = await reserve(runs)
  for (const name of ['values', 'logs']) await mkdir(join(folder, name), { mode: 0o700 })
  const { stored, names } = withoutNames(plan)
  await writeNewFile(join(folder, 'plan.yaml'), planText)
  await writeNewFile(join(folder, 'plan.json'), `${JSON.stringify(stored)}\n`)
  if (names.length > 0)
    await writeNewFile(join(folder, 'items.list'), names.map((name) => `${JSON.stringify(name)}\n`).join(''))
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

/** Long lists of names stand in a file of their own, a line each. */
function withoutNames(plan: Plan): { stored: object; names: string[] } {
  const names: string[] = []
  const batches = plan.batches.map((batch) => {
    if (batch.names.kind !== 'list') return batch
    const from = names.length
    for (const name of batch.names.names) names.push(name)
    return { ...batch, names: { kind: 'list', from } satisfies Listed }
  })
  return { stored: { ...plan, batches }, names }
}

/** The compiled plan of a run, as it was started. */
export async function readPlan(folder: string): Promise<Plan> {
  const stored = JSON.parse(await readFile(join(folder, 'plan.json'), 'utf8')) as Plan
  if (!stored.batches.some(({ names }) => names.kind === 'list')) return stored
  const lines = (await readFile(join(folder, 'items.list'), 'utf8')).split('\n')
  const restore = (batch: Batch): Batch => {
    if (batch.names.kind !== 'list') return batch
    const { from } = batch.names as unknown as Listed
    return {
      ...batch,
      names: { kind: 'list', names: lines.slice(from, from + batch.count).map((line) => JSON.parse(line) as string) },
    }
  }
  return { ...stored, batches: stored.batches.map(restore) }
}

/** All runs of a state folder that this version can read, newest first. */
export async function listRuns(stateDir: string): Promise<RunInfo[]> {
  const runs = join(stateDir, 'runs')
  const names = await readdir(runs).catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  })
  const found = await Promise.all(names.map((name) => readIfKnown(join(runs, name))))
  return found.flatMap((info) => (info ? [info] : [])).toSorted((left, right) => right.startedAt - left.startedAt)
}

/** One run of a newer batchtop is no reason to show none. */
async function readIfKnown(folder: string): Promise<RunInfo | undefined> {
  try {
    return await readRunInfo(folder)
  } catch (error) {
    if (error instanceof BatchtopError && error.code === 'run-format') return undefined
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

/**
 * Keeps a plan that a recovery goes on with. Durable; overwrites what a recovery left that did not get to its first event.
 * @param version from 2: version 1 is the plan of the start
 */
export declare function writePlanVersion(folder: string, version: number, plan: Plan, planText: string): Promise<void>

/** All compiled plans of a run, by version - 1. */
export declare function readPlans(folder: string): Promise<readonly Plan[]>

/** The plan file of a version, verbatim. */
export declare function readPlanText(folder: string, version: number): Promise<string>
