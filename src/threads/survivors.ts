/**
 * Ends what a dead supervisor left: processes of its items that escaped the reaper (it was killed as well, or they made sessions of
 * their own). They are told by their environment, which children inherit whatever else they do. Called by the supervisor before it hands out what they may still be working on.
 */
import { setTimeout } from 'node:timers/promises'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { RunId } from '../model/ids.ts'
import type { Environment, ReadEnvironments } from './environments.ts'
import { hasVariables, readEnvironments } from './environments.ts'
import { signalAll } from './groups.ts'
import { ownLine } from './procfs.ts'

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
export async function endSurvivors(left: Left, read: ReadEnvironments = readEnvironments): Promise<number> {
  // Whoever recovers a run from inside one of its own items must not end itself.
  const spared = ownLine()
  const ended = new Set<number>()
  const last = performance.now() + PATIENCE_MS
  for (let quietLooks = 0; quietLooks < QUIET_LOOKS; ) {
    const found = (await read()).flatMap((one) => (isSurvivor(one, left) && !spared.has(one.pid) ? [one.pid] : []))
    quietLooks = found.length === 0 ? quietLooks + 1 : 0
    if (found.length > 0 && performance.now() > last) throw immortal(found)
    for (const pid of found) ended.add(pid)
    // Also ends what is stopped.
    signalAll(found, 'SIGKILL')
    // Until they are gone, and once more for what they had just started.
    if (found.length > 0) await setTimeout(5)
  }
  return ended.size
}

function isSurvivor(one: Environment, { run, folder, epoch }: Left): boolean {
  if (!hasVariables(one, { BATCHTOP_RUN: run, BATCHTOP_FOLDER: folder })) return false
  const { text, mark } = one
  const [, found] = text.split(`${mark}BATCHTOP_EPOCH=`)
  return Number.parseInt(found ?? '', 10) < epoch
}

function immortal(pids: readonly number[]): BatchtopError {
  return new BatchtopError('survivors', `Processes of the dead supervisor cannot be ended: ${pids.join(', ')}.`, {
    hint: 'Nothing was started, so that no item runs twice at once. What do they wait for?',
    exit: EXIT.bug,
  })
}
