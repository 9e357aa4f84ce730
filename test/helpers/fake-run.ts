/** The supervisor's loop with a plan, a clock and a disk of the test's own, and threads that only note what they are told. */
import type { Journal } from '../../src/journal/journal.ts'
import type { Chunk, ThreadReport } from '../../src/model/chunk.ts'
import type { Answer, Command } from '../../src/model/command.ts'
import type { CheckpointReason, RunEvent } from '../../src/model/event.ts'
import type { ThreadNumber } from '../../src/model/ids.ts'
import { runId, threadNumber } from '../../src/model/ids.ts'
import type { Plan, WorkKind } from '../../src/model/plan.ts'
import type { Reason } from '../../src/model/reason.ts'
import type { Millis } from '../../src/model/units.ts'
import { bytes, millis, wallTime } from '../../src/model/units.ts'
import type { CapGroups } from '../../src/probe/cap-groups.ts'
import type { RunState } from '../../src/run/state.ts'
import { createRunState } from '../../src/run/state.ts'
import { Core } from '../../src/supervisor/core.ts'
import { Inbox } from '../../src/supervisor/inbox.ts'
import type { Input } from '../../src/supervisor/input.ts'
import type { SupervisedThread } from '../../src/supervisor/supervised-thread.ts'
import { Supervisor } from '../../src/supervisor/supervisor.ts'

const THREW: Reason = { kind: 'threw', message: 'broken' }

const GB = 2 ** 30

export interface FakeRunOptions {
  /** Threads that do more than note what they are told. */
  readonly createThread?: (number: ThreadNumber, run: FakeRun) => SupervisedThread
  readonly capGroups?: CapGroups
  /** Facts an earlier supervisor left. */
  readonly state?: RunState
}

export class FakeRun {
  readonly core: Core
  /** What threads were told, such as `1 start`. */
  readonly told: string[] = []
  readonly events: RunEvent[] = []
  now = 1000
  isFinished = false
  isAbandoned = false
  /** What the journal says of itself since the last checkpoint. */
  readonly since = { events: 0, bytes: 0 }
  /** Checkpoints that were asked for; each is there at once unless `holdsCheckpoints`. */
  readonly checkpoints: CheckpointReason[] = []
  holdsCheckpoints = false
  samples = 0
  /** How long an item takes. */
  itemMs = 1
  readonly #inbox: Inbox<Input>
  #durable = 0

  constructor(plan: Plan, { createThread, capGroups, state = createRunState(plan) }: FakeRunOptions = {}) {
    this.#inbox = new Inbox<Input>((input) => supervisor.handle(input))
    this.core = new Core({
      state,
      run: runId('7f3a'),
      clock: { now: () => wallTime(this.now) },
      cores: 2,
      journal: {
        append: (event: RunEvent) => this.events.push(event),
        since: this.since,
        valuesEnd: () => 0,
        valueFiles: () => [],
      } as unknown as Journal,
      createThread: (number) => createThread?.(number, this) ?? this.#thread(number),
      post: (input) => this.post(input),
      ...(capGroups ? { capGroups } : {}),
    })
    const supervisor = new Supervisor(this.core, {
      changed: () => undefined,
      durable: () => undefined,
      trouble: () => undefined,
      sampled: () => (this.samples += 1),
      checkpoint: (reason) => this.#checkpoint(reason),
      finished: () => (this.isFinished = true),
      abandoned: () => (this.isAbandoned = true),
    })
    this.post({ type: 'begin' })
  }

  post(input: Input): void {
    this.#inbox.post(input)
  }

  /** Everything so far is on disk. */
  sync(): void {
    while (this.#durable < this.events.length) {
      const from = this.#durable
      this.#durable = this.events.length
      const events = this.events.slice(from).map((event, place) => {
        return { seq: from + place + 1, at: wallTime(this.now), event }
      })
      this.post({ type: 'durable', events })
    }
  }

  pause(threads: readonly number[], { drain = false } = {}): { answer: Answer | undefined } {
    return this.command({ verb: 'pauseThreads', threads: threads.map(threadNumber), drain })
  }

  /** Its answer; undefined as long as there is none. */
  command(command: Command): { answer: Answer | undefined } {
    let answer: Answer | undefined
    this.post({ type: 'command', command, answer: (given) => (answer = given) })
    const answered = () => {
      this.sync()
      return answer
    }
    return {
      /** What it is once everything so far is on disk. */
      get answer() {
        return answered()
      },
    }
  }

  report(report: ThreadReport): void {
    this.post({ type: 'report', report })
  }

  /** Their processes are there, also of those that nobody asked for. */
  ready(...threads: readonly number[]): void {
    for (const thread of threads) {
      this.core.liveThread(threadNumber(thread)).kind ??= 'module'
      this.report({ type: 'thread.ready', thread: threadNumber(thread), pid: 100 + thread })
    }
  }

  frozen(thread: number): void {
    this.report({ type: 'thread.frozen', thread: threadNumber(thread) })
  }

  stopped(thread: number): void {
    this.report({ type: 'thread.stopped', thread: threadNumber(thread) })
  }

  chunk(thread: number): Chunk | undefined {
    return this.core.live.threads[thread - 1]?.held?.chunk
  }

  /** The process of a thread dies under the first item of its chunk. */
  lose(thread: number): void {
    const chunk = this.chunk(thread)?.id ?? 0
    const reason: Reason = { kind: 'lost', message: 'gone' }
    this.report({ type: 'thread.lost', thread: threadNumber(thread), reason, chunk, running: 0, orphaned: [] })
  }

  checkpointed(reason: CheckpointReason): void {
    this.post({ type: 'checkpointed', reason, bytes: bytes(1), ms: millis(1) })
  }

  /** The disk does not take the journal; undefined: it does again. */
  trouble(message: string | undefined): void {
    const trouble = message === undefined ? undefined : { message, since: wallTime(this.now), events: 1 }
    this.post({ type: 'trouble', trouble })
  }

  /** Ids of the batches whose items these threads hold. */
  held(...threads: readonly number[]): (string | undefined)[] {
    return threads.map((thread) => this.chunk(thread)?.batch.id)
  }

  /** The chunk of a thread ends: all of it succeeds, or fails, or wants to be tried again after a while. */
  end(thread: number, how: 'succeed' | 'fail' = 'succeed', retryAfter?: Millis): void {
    const chunk = this.chunk(thread)
    if (!chunk) throw new Error(`thread ${thread} holds nothing`)
    const head = { thread: threadNumber(thread), chunk: chunk.id }
    const results = chunk.items.map((_, place) => ({ place, ms: millis(this.itemMs) }))
    if (how === 'succeed') this.report({ type: 'items.succeeded', ...head, from: 0, ms: results.map(({ ms }) => ms) })
    else {
      const later = retryAfter === undefined ? {} : { retryAfter }
      const failure = { ok: false, reason: THREW, isRetryable: true, ...later } as const
      const failed = results.map((result) => Object.assign(result, failure))
      this.report({ type: 'items.ended', ...head, results: failed })
    }
    this.report({ type: 'chunk.ended', ...head })
    this.sync()
  }

  /** A look at everything: what threads use by number (others nothing), and what the machine has left. */
  used(byThread: Readonly<Record<number, number>>, available: number = 16 * GB - total(byThread)): void {
    const threads = Object.entries(byThread).map(([thread, used]) => {
      return { thread: threadNumber(Number(thread)), used: bytes(used), cpu: 0 }
    })
    const system = { total: bytes(16 * GB), available: bytes(available) }
    this.post({ type: 'sampled', sample: { system, threads } })
  }

  /** Events of one type. */
  all<Type extends RunEvent['type']>(type: Type): Extract<RunEvent, { type: Type }>[] {
    return this.events.filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type)
  }

  /** What the governor did, such as `pause 2`. */
  get acted(): string[] {
    return this.all('governor.acted').map(({ stage, thread }) => (thread === undefined ? stage : `${stage} ${thread}`))
  }

  /** What one thread was told, without its number. */
  toldTo(thread: number): string[] {
    return this.told.filter((line) => line.startsWith(`${thread} `)).map((line) => line.slice(`${thread} `.length))
  }

  #checkpoint(reason: CheckpointReason): void {
    this.checkpoints.push(reason)
    if (!this.holdsCheckpoints) this.checkpointed(reason)
  }

  #thread(number: number): SupervisedThread {
    const note = (verb: string) => () => void this.told.push(`${number} ${verb}`)
    // Which kind it is is said of commands only: task modules are what most tests are about.
    const noteKind = (verb: string) => (kind: WorkKind) => {
      thread.abilities = { hold: kind === 'module', reclaim: kind === 'module' }
      this.told.push(`${number} ${verb}${kind === 'module' ? '' : ` ${kind}`}`)
    }
    const verbs = ['run', 'takeBack', 'hold', 'release', 'freeze', 'thaw', 'reclaim', 'tidy']
    const ends = ['end', 'interrupt', 'evict', 'fail', 'stop']
    const notes = Object.fromEntries([...verbs, ...ends].map((verb) => [verb, note(verb)]))
    const thread = {
      ...notes,
      start: noteKind('start'),
      renew: noteKind('renew'),
      abilities: { hold: true, reclaim: true },
    }
    return thread as unknown as SupervisedThread
  }
}

function total(byThread: Readonly<Record<number, number>>): number {
  return Object.values(byThread).reduce((sum, used) => sum + used, 0)
}
