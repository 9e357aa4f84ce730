/**
 * Runs that may go: too many, too old or too large. May import model. Called by `batchtop prune` and by whoever starts a run.
 */
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { OverLimit } from '../model/over-limit.ts'
import type { Bytes, Millis, WallTime } from '../model/units.ts'
import { bytes, millis } from '../model/units.ts'
import { hasCode, syncFolder } from './disk.ts'
import { folderSize } from './folder-size.ts'
import { takePlanLock } from './lock.ts'
import { GONE, listRuns } from './run-folder.ts'
import type { RunInfo } from './run-info.ts'
import { readRunInfo } from './run-info.ts'

const DAY = 24 * 3_600_000
export const DEFAULT_KEEP = 20
const DEFAULT_AGE = millis(30 * DAY)
const DEFAULT_SIZE = bytes(2 ** 30)

export interface Limits {
  /** Most runs that stay. Left out: 20. */
  readonly keep?: number
  /** A run goes so long after it ended. Left out: 30 days. */
  readonly age?: Millis
  /** Most bytes all runs that stay may have; the newest stays even if it alone has more. Left out: 1 GB. */
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
  readonly over: OverLimit
  /** Why it stays all the same, in words; undefined: it goes. */
  readonly kept?: string
}

/** Runs over a limit, newest first. Reads only. */
export async function findPrunable(stateDir: string, options: PruneOptions): Promise<Prunable[]> {
  const runs = (await listRuns(stateDir)).toSorted((left, right) => lastBegun(right) - lastBegun(left))
  const found: Prunable[] = []
  let sum = 0
  for (const [place, info] of runs.entries()) {
    const size = await folderSize(info.folder)
    sum += size
    const over = overOf(info, { ...options, place, sum })
    if (!over) continue
    const kept = keptBecause(info, options)
    found.push({ info, bytes: bytes(size), over, ...(kept === undefined ? {} : { kept }) })
  }
  return found
}

function lastBegun({ startedAt, recoveredAt }: Pick<RunInfo, 'startedAt' | 'recoveredAt'>): WallTime {
  return recoveredAt ?? startedAt
}

interface Standing extends PruneOptions {
  /** From the newest, which is 0. */
  readonly place: number
  /** Bytes of the runs up to this one. */
  readonly sum: number
}

function overOf({ ended, ...info }: RunInfo, standing: Standing): OverLimit | undefined {
  const { keep = DEFAULT_KEEP, age = DEFAULT_AGE, size = DEFAULT_SIZE, now, place, sum } = standing
  if (place >= keep) return { kind: 'count', keep }
  const past = millis(now - (ended?.at ?? lastBegun(info)))
  if (past > age) return { kind: 'age', hasEnded: ended !== undefined, past }
  return sum > size && place > 0 ? { kind: 'size', most: size } : undefined
}

function keptBecause(info: RunInfo, { force = false, isLive }: PruneOptions): string | undefined {
  if (isLive(info)) return 'it is live'
  if (force) return undefined
  if (!info.ended) return 'it was interrupted and has work left'
  return info.ended.left > 0 ? 'it has work left' : undefined
}

/**
 * Removes a run's folder as a whole: it is never seen half removed.
 * @param options `isLockHeld`: the caller itself holds the lock of the run's plan
 * @returns false, and nothing done, where a supervisor has the run's plan, or went on with the run since `info` was read
 */
export async function removeRun(
  stateDir: string,
  info: RunInfo,
  { isLockHeld = false }: { readonly isLockHeld?: boolean } = {},
): Promise<boolean> {
  const lock = isLockHeld ? undefined : takePlanLock(stateDir, { path: info.planPath, name: info.plan })
  if (!isLockHeld && !lock) return false
  try {
    // Since somebody looked at it, it may have been taken up again.
    const now = await readRunInfo(info.folder)
    if (now && now.epoch !== info.epoch) return false
    await rm(await moveAway(stateDir, info), { recursive: true, force: true })
    return true
  } finally {
    lock?.release()
  }
}

/** @returns where the folder is now: what is left of it after a kill is found by its name */
async function moveAway(stateDir: string, { run, folder }: RunInfo): Promise<string> {
  const runs = join(stateDir, 'runs')
  for (let tries = 1; ; tries += 1) {
    const gone = join(runs, `${GONE}${run}-${tries}`)
    try {
      await rename(folder, gone)
    } catch (error) {
      // Somebody else removed it first, or what is left of a run of the same name is in the way.
      if (hasCode(error, 'ENOENT')) return gone
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error
      continue
    }
    await syncFolder(runs)
    return gone
  }
}

/** Logs of starts that came to nothing are kept for a day. */
const LOG_AGE = DAY

/** Removes what a killed prune or a killed start left in the state folder. */
export async function removeLeftovers(stateDir: string, now: WallTime): Promise<void> {
  const runs = join(stateDir, 'runs')
  for (const name of await namesIn(runs)) {
    if (name.startsWith(GONE)) await rm(join(runs, name), { recursive: true, force: true })
  }
  const plans = join(stateDir, 'plans')
  for (const name of await namesIn(plans)) {
    if (!/^start-.*\.log$/.test(name)) continue
    const { mtimeMs } = await stat(join(plans, name)).catch(() => ({ mtimeMs: now }))
    if (now - mtimeMs > LOG_AGE) await rm(join(plans, name), { force: true })
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return []
    throw error
  }
}
