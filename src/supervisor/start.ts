/** Start-up in its fixed order: lock, folder, journal, socket, first event durable. Nothing is half started: any failure gives it all back. */

import { readFileSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { openJournal } from '../journal/journal.ts'
import type { PlanLock } from '../journal/lock.ts'
import { readPlanOwner, takePlanLock } from '../journal/lock.ts'
import { createRunFolder } from '../journal/run-folder.ts'
import type { RunInfo } from '../journal/run-info.ts'
import { writeRunInfo } from '../journal/run-info.ts'
import { prepareStateDir } from '../journal/state-dir.ts'
import { startLinkServer } from '../link/server.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { RunId, ThreadNumber } from '../model/ids.ts'
import type { StartReply, StartRequest } from '../model/start.ts'
import { readMachine } from '../probe/machine.ts'
import { startReaper } from '../threads/reaper.ts'
import { Thread } from '../threads/thread.ts'
import { createClock } from './clock.ts'
import { Core } from './core.ts'
import { Ending } from './ending.ts'
import { Inbox } from './inbox.ts'
import type { Input } from './input.ts'
import { Publisher } from './publisher.ts'
import { Supervisor } from './supervisor.ts'
import { watchMemory } from './watch-memory.ts'

/** First generation and epoch: a run that is continued counts on from there. */
const FIRST = 1

export interface Started {
  readonly reply: StartReply
  readonly folder: string
  readonly post: (input: Input) => void
  /** Lets the first item start: called once the client knows the run. */
  readonly begin: () => void
}

/** @throws BatchtopError `busy` (exit 75) with the live run as `cause` where another supervisor has the plan */
export async function start(request: StartRequest): Promise<Started> {
  const { plan, planText, stateDir } = request
  await prepareStateDir(stateDir)
  const lock = await lockPlan(request)
  let made: string | undefined
  try {
    const { run, folder } = await createRunFolder(stateDir, plan, planText)
    made = folder
    process.chdir(folder)
    await rename(request.logFile, join(folder, 'supervisor.log'))
    return await supervise(request, { run, folder, lock })
  } catch (error) {
    // The client reads the log through a descriptor of its own: the folder of a run that never was may go.
    if (made !== undefined) await rm(made, { recursive: true, force: true })
    lock.release()
    throw error
  }
}

async function lockPlan({ plan, stateDir }: StartRequest): Promise<PlanLock> {
  const lock = takePlanLock(stateDir, plan)
  if (lock) return lock
  const owner = await readPlanOwner(stateDir, plan)
  throw new BatchtopError('busy', `Plan ${plan.name} is running already${owner ? `, as run ${owner.run}` : ''}.`, {
    hint: owner ? `batchtop attach ${owner.run}` : 'batchtop ls',
    exit: EXIT.busy,
    cause: owner,
  })
}

interface Place {
  readonly run: RunId
  readonly folder: string
  readonly lock: PlanLock
}

async function supervise(request: StartRequest, { run, folder, lock }: Place): Promise<Started> {
  const { plan, stateDir, isForeground } = request
  const clock = createClock()
  const info = runInfo(request, { run, folder }, clock.now())
  await writeRunInfo(info)
  await lock.own({ run, folder, pid: process.pid })
  const inbox = new Inbox<Input>((input) => supervisor.handle(input))
  const post = (input: Input) => inbox.post(input)
  const journal = await openJournal(folder, {
    run,
    generation: FIRST,
    firstSeq: 1,
    now: clock.now,
    onDurable: (events) => post({ type: 'durable', events }),
    onError: (error) => {
      throw error
    },
  })
  const reaper = startReaper()
  const createThread = (number: ThreadNumber) =>
    new Thread({
      number,
      run,
      epoch: FIRST,
      folder,
      cap: plan.memory.perThread,
      reaper,
      report: (report) => post({ type: 'report', report }),
    })
  const core = new Core({ plan, journal, clock, cores: readMachine().cores, createThread, post })
  const publisher = new Publisher({ core, stateDir, isForeground })
  const link = await startLinkServer({
    folder,
    run,
    version: version(),
    onCommand: (command) => new Promise((answer) => post({ type: 'command', command, answer })),
    snapshot: () => publisher.snapshot(),
  })
  publisher.serve(link)
  const ending = new Ending({ core, info, journal, link, lock, publisher, reaper })
  const supervisor = new Supervisor(core, {
    changed: () => publisher.changed(),
    durable: (seq) => link.durable(seq),
    sampled: () => publisher.observe(),
    finished: () => void ending.run(),
  })
  core.emit({
    type: 'run.started',
    run,
    plan: plan.name,
    items: plan.items,
    threads: plan.threads,
    memory: plan.memory,
    epoch: FIRST,
  })
  await journal.flush()
  ending.watch(watchMemory(core, folder))
  return { reply: { ready: true, run, folder, pid: process.pid }, folder, post, begin: () => post({ type: 'begin' }) }
}

function runInfo(
  { plan, stateDir, options, isForeground }: StartRequest,
  { run, folder }: Omit<Place, 'lock'>,
  startedAt: RunInfo['startedAt'],
): RunInfo {
  return {
    format: 1,
    run,
    plan: plan.name,
    planPath: plan.path,
    stateDir,
    folder,
    startedAt,
    epoch: FIRST,
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

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
