/**
 * Start-up in its fixed order: lock, ground (a new run's folder or what an earlier supervisor left), journal, socket, first events durable.
 * Nothing is half started: any failure gives it all back.
 */
import { readFileSync } from 'node:fs'
import { openJournal } from '../journal/journal.ts'
import type { PlanLock } from '../journal/lock.ts'
import { readPlanOwner, takePlanLock } from '../journal/lock.ts'
import { prepareStateDir } from '../journal/state-dir.ts'
import { startLinkServer } from '../link/server.ts'
import type { Answer } from '../model/command.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { ThreadNumber } from '../model/ids.ts'
import type { StartReply, StartRequest } from '../model/start.ts'
import { readMachine } from '../probe/machine.ts'
import { startReaper } from '../threads/reaper.ts'
import { Thread } from '../threads/thread.ts'
import { Checkpointer } from './checkpointer.ts'
import type { Clock } from './clock.ts'
import { createClock } from './clock.ts'
import { runCommand } from './commands/run-command.ts'
import { Core } from './core.ts'
import { Ending } from './ending.ts'
import type { Ground } from './ground.ts'
import { Inbox } from './inbox.ts'
import type { Input } from './input.ts'
import { newRun } from './new-run.ts'
import { Publisher } from './publisher.ts'
import { recoveredRun } from './recovered-run.ts'
import { Supervisor } from './supervisor.ts'
import { watchMemory } from './watch-memory.ts'

export interface Started {
  readonly reply: StartReply
  readonly post: (input: Input) => void
  /** Lets the first item start: called once the client knows the run. */
  readonly begin: () => void
}

/** @throws BatchtopError `busy` (exit 75) with the live run as `cause` where another supervisor has the plan; those of `recoveredRun` */
export async function start(request: StartRequest): Promise<Started> {
  await prepareStateDir(request.stateDir, request)
  const lock = await lockPlan(request)
  try {
    const clock = createClock()
    const ground = await groundOf(request, clock)
    try {
      process.chdir(ground.folder)
      return await supervise(request, { ground, lock, clock })
    } catch (error) {
      await ground.giveBack()
      throw error
    }
  } catch (error) {
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

async function groundOf(request: StartRequest, clock: Clock): Promise<Ground> {
  const { recover } = request
  return recover ? await recoveredRun({ ...request, recover }, clock.now()) : await newRun(request, clock.now())
}

interface Place {
  readonly ground: Ground
  readonly lock: PlanLock
  readonly clock: Clock
}

async function supervise(request: StartRequest, { ground, lock, clock }: Place): Promise<Started> {
  const { stateDir, isForeground } = request
  const { run, folder, plan, info } = ground
  await lock.own({ run, folder, pid: process.pid })
  const inbox = new Inbox<Input>((input) => supervisor.handle(input))
  const post = (input: Input) => inbox.post(input)
  const journal = await openJournal(folder, {
    run,
    generation: ground.generation,
    firstSeq: ground.seq + 1,
    valuesEnds: ground.valuesEnds,
    now: clock.now,
    onDurable: (events) => post({ type: 'durable', events }),
    onTrouble: (trouble) => post({ type: 'trouble', trouble }),
  })
  const reaper = startReaper()
  const { epoch } = info
  const report: Parameters<typeof createThreads>[0]['report'] = (told) => post({ type: 'report', report: told })
  const createThread = createThreads({ run, epoch, folder, cap: plan.memory.perThread, reaper, report })
  const { state } = ground
  const core = new Core({ state, run, journal, clock, cores: readMachine().cores, createThread, post })
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
  const checkpointer = new Checkpointer(core, folder)
  const supervisor = new Supervisor(core, {
    changed: () => publisher.changed(),
    durable: (seq) => link.durable(seq),
    trouble: (trouble) => link.trouble(trouble),
    sampled: () => publisher.observe(),
    checkpoint: (reason) => checkpointer.take(reason),
    finished: () => void ending.run(),
    abandoned: () => void ending.abandon(),
  })
  ground.announce(core)
  const answer = firstCommand(core, request)
  await journal.flush()
  ending.watch(watchMemory(core, folder))
  const { recovered } = ground
  const reply: StartReply = {
    ready: true,
    run,
    folder,
    pid: process.pid,
    ...(recovered ? { recovered } : {}),
    ...(answer ? { answer } : {}),
  }
  return { reply, post, begin: () => post({ type: 'begin' }) }
}

type ThreadsOptions = Omit<ConstructorParameters<typeof Thread>[0], 'number'>

/** Makes the supervisor's side of a thread. */
function createThreads(options: ThreadsOptions): (number: ThreadNumber) => Thread {
  return (number) => new Thread({ ...options, number })
}

/** What a run that is over is started again for: done before anything can find that nothing is left to do. */
function firstCommand(core: Core, { recover }: StartRequest): Answer | undefined {
  let answer: Answer | undefined
  if (recover?.command) runCommand(core, recover.command, (given) => (answer = given))
  return answer
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
