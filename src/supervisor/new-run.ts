/** The ground of a run that begins: a folder of its own, durable as a whole. */
import { readFileSync } from 'node:fs'
import { realpath, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createRunFolder } from '../journal/run-folder.ts'
import type { RunInfo } from '../journal/run-info.ts'
import { writeRunInfo } from '../journal/run-info.ts'
import type { RunId } from '../model/ids.ts'
import type { StartRequest } from '../model/start.ts'
import type { WallTime } from '../model/units.ts'
import { createRunState } from '../run/state.ts'
import type { Core } from './core.ts'
import type { Ground } from './ground.ts'

/** First generation of the journal and first epoch. */
const FIRST = 1

export async function newRun(request: StartRequest, now: WallTime): Promise<Ground> {
  const { plan, planText, stateDir, logFile } = request
  const made = await createRunFolder(stateDir, plan, planText)
  const { run } = made
  // The client reads the log through a descriptor of its own: the folder of a run that never was may go.
  const giveBack = () => rm(made.folder, { recursive: true, force: true })
  try {
    const folder = await realpath(made.folder)
    await rename(logFile, join(folder, 'supervisor.log'))
    const info = infoOf(request, { run, folder, startedAt: now, epoch: FIRST, planVersion: 1 })
    await writeRunInfo(info)
    const state = createRunState(plan)
    const announce = (core: Core) => announceRun(core, run)
    return { run, folder, plan, state, info, generation: FIRST, seq: 0, valuesEnds: {}, announce, giveBack }
  } catch (error) {
    await giveBack()
    throw error
  }
}

function announceRun(core: Core, run: RunId): void {
  const { name, items, threads, memory } = core.plan
  core.emit({ type: 'run.started', run, plan: name, items, threads, memory, epoch: FIRST })
}

/** What sets one start of a supervisor apart from another. */
export type Beginning = Pick<RunInfo, 'run' | 'folder' | 'startedAt' | 'epoch' | 'planVersion' | 'recoveredAt'>

/** What run.json says of a run that a supervisor has in hand. */
export function infoOf({ plan, stateDir, options, isForeground }: StartRequest, beginning: Beginning): RunInfo {
  return {
    format: 1,
    ...beginning,
    plan: plan.name,
    planPath: plan.path,
    stateDir,
    pid: process.pid,
    bootId: bootId(),
    isForeground,
    options,
    items: plan.items,
    threads: plan.threads,
  }
}

/** Tells runs of an earlier boot from live ones; empty where the system has no such thing. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
