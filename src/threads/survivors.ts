/**
 * Ends what a dead supervisor left: processes of its items that escaped the reaper (it was killed as well, or they made sessions of
 * their own). They are told by their environment, which children inherit whatever else they do. Where the system has no procfs
 * nothing is found. Called by the supervisor before it hands out what they may still be working on.
 */
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { RunId } from '../model/ids.ts'

/** A process in an uninterruptible wait, such as on a dead disk, cannot be ended at all. */
const PATIENCE_MS = 10_000

/** One look may miss a process that starts another and ends meanwhile. */
const QUIET_LOOKS = 2

export interface Left {
  readonly run: RunId
  /** The run's folder: ids are unique in a state folder only. */
  readonly folder: string
  /** Of the supervisor that starts now: what is of an earlier one is a survivor. */
  readonly epoch: number
}

/** @returns how many processes it ended. @throws BatchtopError `survivors` with their numbers where they do not go */
export async function endSurvivors(left: Left): Promise<number> {
  const spared = await ancestors()
  const ended = new Set<number>()
  const last = performance.now() + PATIENCE_MS
  for (let quietLooks = 0; quietLooks < QUIET_LOOKS; ) {
    const found = (await survivorsOf(left)).filter((pid) => !spared.has(pid))
    quietLooks = found.length === 0 ? quietLooks + 1 : 0
    if (found.length > 0 && performance.now() > last) throw immortal(found)
    for (const pid of found) {
      ended.add(pid)
      kill(pid)
    }
    // Until they are gone, and once more for what they had just started.
    if (found.length > 0) await setTimeout(5)
  }
  return ended.size
}

/** Processes of earlier epochs of this run that are alive. */
async function survivorsOf(left: Left): Promise<number[]> {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(pids.map(async (pid) => ((await isSurvivor(pid, left)) ? [pid] : [])))
  return found.flat()
}

async function isSurvivor(pid: number, { run, folder, epoch }: Left): Promise<boolean> {
  try {
    const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0')
    const valueOf = (name: string) => environment.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1)
    if (valueOf('BATCHTOP_RUN') !== run || valueOf('BATCHTOP_FOLDER') !== folder) return false
    return Number(valueOf('BATCHTOP_EPOCH')) < epoch && !(await isDead(pid))
  } catch {
    // It is gone, or somebody else's.
    return false
  }
}

/** A zombie is only a number that nobody has asked for yet. */
async function isDead(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  return /^[ZX]$/.test(stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3))
}

/** Whoever recovers a run from inside one of its own items must not end itself. */
async function ancestors(): Promise<ReadonlySet<number>> {
  const found = new Set<number>()
  for (let pid = process.pid; pid > 1 && !found.has(pid); ) {
    found.add(pid)
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    pid = Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0] ?? 0)
  }
  return found
}

function kill(pid: number): void {
  try {
    // Also ends what is stopped.
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone.
  }
}

function immortal(pids: readonly number[]): BatchtopError {
  return new BatchtopError('survivors', `Processes of the dead supervisor cannot be ended: ${pids.join(', ')}.`, {
    hint: 'Nothing was started, so that no item runs twice at once. What do they wait for?',
    exit: EXIT.bug,
  })
}
