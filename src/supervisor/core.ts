/**
 * What every part of the supervisor works on: the run's facts, the moment, the threads and the journal. `emit` is the only way to
 * make something a fact. May import the rooms that architecture allows the supervisor; called by the files beside it.
 */

import type { Journal } from '../journal/journal.ts'
import type { BatchWork } from '../model/chunk.ts'
import type { Answer } from '../model/command.ts'
import type { CheckpointReason, RunEvent } from '../model/event.ts'
import type { BatchIndex, ItemIndex, RunId, ThreadNumber } from '../model/ids.ts'
import { threadNumber } from '../model/ids.ts'
import type { Batch, Plan } from '../model/plan.ts'
import type { Trouble } from '../model/snapshot.ts'
import type { KeepGroup } from '../plan/list-by-command.ts'
import type { CapGroups } from '../probe/cap-groups.ts'
import type { Live, LiveThread } from '../run/live.ts'
import { createLive, createLiveThread } from '../run/live.ts'
import { reduce } from '../run/reduce.ts'
import type { RunState } from '../run/state.ts'
import type { Standing } from '../schedule/open-batches.ts'
import { rankBatches } from '../schedule/rank.ts'
import type { Clock } from './clock.ts'
import type { Eye } from './eye.ts'
import { CLOSED_EYE } from './eye.ts'
import type { Governing } from './governing-state.ts'
import { createGoverning, TIDY_ABOVE } from './governing-state.ts'
import type { Input } from './input.ts'
import type { SupervisedThread } from './supervised-thread.ts'

/** An answer that is given once something has happened, such as all threads of a pause being frozen. */
export interface Waiter {
  readonly isDone: () => boolean
  readonly answer: () => void
}

/** Where checkpoints stand; checkpoints.ts changes it. */
export interface Checkpoints {
  /** To be begun at the end of this turn. */
  readonly asked: CheckpointReason[]
  /** Asked for and not yet done. */
  underWay: number
  /** The one that comes before the last event. */
  atEnd: 'none' | 'asked' | 'done'
  /** To be answered by the next that a person asked for. */
  readonly waiters: ((answer: Answer) => void)[]
}

export interface CoreOptions {
  /** Facts to begin with: none, or those an earlier supervisor left. */
  readonly state: RunState
  readonly run: RunId
  readonly journal: Journal
  readonly clock: Clock
  /** How many threads can compute at the same time. */
  readonly cores: number
  /** Makes the supervisor's side of a thread. */
  readonly createThread: (number: ThreadNumber) => SupervisedThread
  /** Puts something into the inbox. */
  readonly post: (input: Input) => void
  /** Control groups that keep the caps as well; left out: none. */
  readonly capGroups?: CapGroups
  /** Ends the group of a command that lists items when this process ends; left out: the command stays. */
  readonly keepGroup?: KeepGroup
}

export class Core {
  readonly run: RunId
  readonly journal: Journal
  readonly clock: Clock
  readonly cores: number
  readonly state: RunState
  readonly live: Live
  readonly ranked: readonly BatchIndex[]
  readonly waiters: Waiter[] = []
  readonly createThread: (number: ThreadNumber) => SupervisedThread
  readonly post: (input: Input) => void
  /** By thread number - 1, beside `live.threads`. */
  readonly threads: SupervisedThread[] = []
  /** How many threads there should be. */
  wanted: number
  /** Which batches may hand out items; undefined: look again. */
  standing: Standing | undefined
  /** What threads were told of batches: the same object means that they need not hear it again. */
  readonly works = new Map<BatchIndex, BatchWork>()
  /** Batches whose failures are undone, and those with a breaker. */
  readonly undos: readonly BatchIndex[]
  readonly breakers: readonly BatchIndex[]
  /** How often the undo of an item lost what it ran on. */
  readonly undoLosses = new Map<ItemIndex, number>()
  readonly governing: Governing
  readonly capGroups: CapGroups | undefined
  readonly keepGroup: KeepGroup | undefined
  /** Late batches whose items are being looked for. */
  readonly listing = new Set<BatchIndex>()
  /** Who looks at memory; closed until somebody does. */
  eye: Eye = CLOSED_EYE
  /** The disk does not take the journal: nothing starts. */
  trouble: Trouble | undefined
  readonly checkpoints: Checkpoints = { asked: [], underWay: 0, atEnd: 'none', waiters: [] }
  /** Number of the last event, durable or not. */
  lastSeq = 0
  /** True: a person wants the run to end although the disk does not take its journal. */
  isAbandoned = false
  /** True once the last event is written: nothing starts any more. */
  isOver = false
  #chunks = 0

  constructor({ state, run, journal, clock, cores, createThread, post, capGroups, keepGroup }: CoreOptions) {
    const { plan } = state
    this.run = run
    this.journal = journal
    this.clock = clock
    this.cores = cores
    this.createThread = createThread
    this.post = post
    this.state = state
    this.live = createLive(plan.memory)
    this.live.backing = capGroups?.backing ?? 'polling'
    this.governing = createGoverning(plan.memory)
    this.capGroups = capGroups
    this.keepGroup = keepGroup
    this.ranked = rankBatches(plan)
    this.undos = plan.batches.filter(({ undo }) => undo !== undefined).map(({ index }) => index)
    this.breakers = plan.batches.filter(({ breaker }) => breaker !== undefined).map(({ index }) => index)
    this.wanted = plan.threads
  }

  /** Another object once a late batch is listed. */
  get plan(): Plan {
    return this.state.plan
  }

  /** Makes an event a fact: journaled, and applied at once. */
  emit(event: RunEvent): void {
    this.lastSeq = this.journal.append(event)
    reduce(this.state, event, this.clock.now())
  }

  /** Adds threads up to the wanted number; their processes start when there is work for them. */
  addThreads(): void {
    while (this.live.threads.length < this.wanted) {
      const number = threadNumber(this.live.threads.length + 1)
      this.live.threads.push(createLiveThread(number))
      const thread = this.createThread(number)
      if (this.governing.isTidying) thread.tidy(TIDY_ABOVE)
      this.threads.push(thread)
    }
  }

  nextChunk(): number {
    this.#chunks += 1
    return this.#chunks
  }

  batch(index: BatchIndex): Batch {
    const batch = this.plan.batches[index]
    if (!batch) throw new Error(`No batch ${index}`)
    return batch
  }

  thread(number: ThreadNumber): SupervisedThread {
    const thread = this.threads[number - 1]
    if (!thread) throw new Error(`No thread ${number}`)
    return thread
  }

  liveThread(number: ThreadNumber): LiveThread {
    const thread = this.live.threads[number - 1]
    if (!thread) throw new Error(`No thread ${number}`)
    return thread
  }
}

/** A command was carried out; the message says what came of it. */
export function done(message: string, data?: Extract<Answer, { ok: true }>['data']): Answer {
  return data === undefined ? { ok: true, message } : { ok: true, message, data }
}

/** A command could not be carried out. */
export function refused(
  code: string,
  message: string,
  { hint, exit = 2 }: { hint?: string; exit?: number } = {},
): Answer {
  return { ok: false, code, message, exit, ...(hint === undefined ? {} : { hint }) }
}
