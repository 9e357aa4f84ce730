/**
 * Start-up in its fixed order: lock, ground (a new run's folder or what an earlier supervisor left), journal, socket, first events durable.
 * Nothing is half started: any failure gives it all back.
 */
import type { PlanLock } from '../journal/lock.ts'
import { readPlanOwner, takePlanLock } from '../journal/lock.ts'
import { prepareStateDir } from '../journal/state-dir.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { StartReply, StartRequest } from '../model/start.ts'
import type { Place } from './assemble.ts'
import { assemble } from './assemble.ts'
import type { Clock } from './clock.ts'
import { createClock } from './clock.ts'
import { retryRecovered } from './commands/retry.ts'
import type { Ground } from './ground.ts'
import type { Input } from './input.ts'
import { newRun } from './new-run.ts'
import { recoveredRun } from './recovered-run.ts'
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

async function supervise(request: StartRequest, place: Place): Promise<Started> {
  const { ground, lock } = place
  const { run, folder, recovered } = ground
  await lock.own({ run, folder, pid: process.pid })
  const { core, journal, ending, post, troubled } = await assemble(request, place)
  ground.announce(core)
  // What a run that is over is started again for: before anything can find that nothing is left to do.
  const answer = request.recover?.command && retryRecovered(core, request.recover.command, recovered?.requeued ?? 0)
  await Promise.race([journal.flush(), troubled])
  ending.watch(watchMemory(core, folder))
  const told = { ...(recovered ? { recovered } : {}), ...(answer ? { answer } : {}) }
  return {
    reply: { ready: true, run, folder, pid: process.pid, ...told },
    post,
    begin: () => post({ type: 'begin' }),
  }
}
