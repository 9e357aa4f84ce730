/** Which runs live right now, from any folder: supervisors name themselves in their arguments and stand in their run's folder. */
import { readdir, readFile, readlink, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { RunId } from '../model/ids.ts'
import { runId } from '../model/ids.ts'

/** The argument by which a supervisor is found. */
export const MARK = 'batchtop-supervisor'

export interface LiveRun {
  readonly run: RunId
  readonly folder: string
  readonly pid: number
}

/** Runs of this user whose supervisor is alive. Empty where the system has no /proc: the state folder is asked there. */
export async function findLiveRuns(): Promise<LiveRun[]> {
  const names = await readdir('/proc').catch(() => [])
  const found = await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((pid) => look(Number(pid))))
  return found.flatMap((live) => (live ? [live] : []))
}

async function look(pid: number): Promise<LiveRun | undefined> {
  try {
    const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
    if (!args.slice(1, 4).includes(MARK)) return undefined
    if (process.getuid && (await stat(`/proc/${pid}`)).uid !== process.getuid()) return undefined
    const folder = await readlink(`/proc/${pid}/cwd`)
    // A supervisor that starts or has just been started stands elsewhere: it has no run yet.
    if (!/^[0-9a-f]{4,8}$/.test(basename(folder))) return undefined
    return { run: runId(basename(folder)), folder, pid }
  } catch {
    // It ended while it was looked at, or is not ours to look at.
    return undefined
  }
}
