/** Puts the parts of a supervisor together: journal, threads, socket and loop around one core. */
import { readFileSync } from 'node:fs'
import type { Journal } from '../journal/journal.ts'
import { openJournal } from '../journal/journal.ts'
import type { PlanLock } from '../journal/lock.ts'
import { startLinkServer } from '../link/server.ts'
import { BatchtopError } from '../model/errors.ts'
import type { ThreadNumber } from '../model/ids.ts'
import type { Trouble } from '../model/snapshot.ts'
import type { StartRequest } from '../model/start.ts'
import type { Bytes } from '../model/units.ts'
import type { CapGroups } from '../probe/cap-groups.ts'
import { openCapGroups } from '../probe/cap-groups.ts'
import { readMachine } from '../probe/machine.ts'
import type { Reaper } from '../threads/reaper.ts'
import { startReaper } from '../threads/reaper.ts'
import { Thread } from '../threads/thread.ts'
import { Checkpointer } from './checkpointer.ts'
import type { Clock } from './clock.ts'
import { Core } from './core.ts'
import { Ending } from './ending.ts'
import type { Ground } from './ground.ts'
import { Inbox } from './inbox.ts'
import type { Input } from './input.ts'
import { Publisher } from './publisher.ts'
import { Supervisor } from './supervisor.ts'

export interface Place {
  readonly ground: Ground
  readonly lock: PlanLock
  readonly clock: Clock
}

export interface Assembled {
  readonly core: Core
  readonly journal: Journal
  readonly ending: Ending
  readonly post: (input: Input) => void
  /** Rejects at the first trouble with the disk: before anything runs there is no reason to wait for it. */
  readonly troubled: Promise<never>
}

type Post = Assembled['post']

export async function assemble(
  { stateDir, isForeground }: Pick<StartRequest, 'stateDir' | 'isForeground'>,
  { ground, lock, clock }: Place,
): Promise<Assembled> {
  const { run, folder, state, info } = ground
  const inbox = new Inbox<Input>((input) => supervisor.handle(input))
  const post: Post = (input) => inbox.post(input)
  const { promise: troubled, reject } = Promise.withResolvers<never>()
  troubled.catch(() => undefined)
  const onTrouble = (trouble: Trouble | undefined) => {
    if (trouble) reject(noJournal(folder, trouble))
    post({ type: 'trouble', trouble })
  }
  const journal = await openRunJournal({ ground, clock, post, onTrouble })
  const reaper = startReaper(folder, info.epoch)
  const { budget, perThread: cap } = ground.plan.memory
  const keepGroup = (group: number) => {
    reaper.add(group)
    return () => reaper.remove(group)
  }
  const capGroups = openCapGroups({ run, budget, cap })
  // However this process ends, unless it is killed: by then its threads have.
  process.once('exit', () => capGroups.close())
  const createThread = createThreads({ ground, reaper, post, capGroups, capOf: () => core.live.cap })
  const cores = readMachine().cores
  const core = new Core({ state, run, journal, clock, cores, createThread, post, capGroups, keepGroup })
  const publisher = new Publisher({ core, stateDir, isForeground })
  const link = await startLinkServer({
    folder,
    run,
    version: version(),
    durable: ground.seq,
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
  return { core, journal, ending, post, troubled }
}

interface JournalNeeds extends Pick<Place, 'ground' | 'clock'> {
  readonly post: Post
  readonly onTrouble: (trouble: Trouble | undefined) => void
}

function openRunJournal({ ground, clock, post, onTrouble }: JournalNeeds): Promise<Journal> {
  const { run, folder, generation, seq, valuesEnds } = ground
  return openJournal(folder, {
    run,
    generation,
    firstSeq: seq + 1,
    valuesEnds,
    now: clock.now,
    onDurable: (events) => post({ type: 'durable', events }),
    onTrouble,
  })
}

function noJournal(folder: string, { message }: Trouble): BatchtopError {
  return new BatchtopError('disk', `The journal in ${folder} cannot be written: ${message}.`, {
    hint: 'Nothing was started. --state-dir puts it elsewhere.',
  })
}

interface ThreadsOptions {
  readonly ground: Ground
  readonly reaper: Reaper
  readonly post: Post
  readonly capGroups: CapGroups
  readonly capOf: () => Bytes
}

/** Makes the supervisor's side of a thread. */
function createThreads({ ground, reaper, post, capGroups, capOf }: ThreadsOptions): (number: ThreadNumber) => Thread {
  const { run, folder, info } = ground
  const common = { run, epoch: info.epoch, folder, reaper, capOf }
  return (number) =>
    new Thread({
      ...common,
      number,
      born: (pid) => capGroups.join(number, pid),
      report: (report) => post({ type: 'report', report }),
    })
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
