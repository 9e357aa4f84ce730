/**
 * One supervisor a plan: the kernel's lock on state/plans/<hash>/lock.db, freed by the kernel however its holder dies. Nothing else in the
 * holder may ever open that file: closing any other descriptor of it would drop the lock.
 */
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BatchtopError } from '../model/errors.ts'
import type { RunId } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import { replaceFile } from './disk.ts'

/** How long a lock that is being given up right now is waited for. */
const PATIENCE_MS = 200

export interface PlanOwner {
  readonly run: RunId
  readonly folder: string
  readonly pid: number
}

export interface PlanLock {
  /** Leaves word for others of who has the plan. For messages and for attaching; never trusted for more. */
  own(owner: PlanOwner): Promise<void>
  release(): void
}

/**
 * @returns undefined where another supervisor has the plan
 * @throws BatchtopError `state-dir` where the disk does not allow it
 */
export function takePlanLock(stateDir: string, plan: Pick<Plan, 'path' | 'name'>): PlanLock | undefined {
  const folder = planFolder(stateDir, plan)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'lock.db')
  const database = new DatabaseSync(path)
  try {
    // By its path: a descriptor of ours would drop the lock when it is closed.
    chmodSync(path, 0o600)
    // The transaction is the lock. Not locking_mode = EXCLUSIVE: of two who reach for it at the same moment each would keep the other out.
    database.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}; BEGIN EXCLUSIVE`)
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw noLock(path, error)
  }
  return {
    own: (owner) => replaceFile(join(folder, 'owner.json'), `${JSON.stringify(owner)}\n`),
    release: () => database.close(),
  }
}

/** Who had the plan last; undefined where nobody left word. */
export async function readPlanOwner(
  stateDir: string,
  plan: Pick<Plan, 'path' | 'name'>,
): Promise<PlanOwner | undefined> {
  try {
    return JSON.parse(await readFile(join(planFolder(stateDir, plan), 'owner.json'), 'utf8')) as PlanOwner
  } catch {
    return undefined
  }
}

/** A plan is the same plan while its file stays where it is and keeps its name. */
function planFolder(stateDir: string, { path, name }: Pick<Plan, 'path' | 'name'>): string {
  return join(stateDir, 'plans', createHash('sha256').update(`${path}\n${name}`).digest('hex').slice(0, 16))
}

/** A disk that is full or read-only is no bug of ours. */
function noLock(path: string, cause: unknown): BatchtopError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new BatchtopError('state-dir', `The plan's lock ${path} cannot be taken: ${why}.`, {
    hint: 'Nothing was started. Is the disk full or read-only? --state-dir puts the state elsewhere.',
    cause,
  })
}

/** SQLITE_BUSY, of sqlite3.h. */
const BUSY = 5

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === BUSY
}
