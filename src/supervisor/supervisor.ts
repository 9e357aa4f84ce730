/**
 * The imperative shell around the pure rooms: one inbox, one loop. Every input becomes events (facts) and effects; after each the loop looks
 * whether something can start, has been waited for, or is over. The only room that owns a clock and performs effects.
 */
import type { Answer } from '../model/command.ts'
import { assertNever } from '../model/errors.ts'
import type { CheckpointReason, JournaledEvent } from '../model/event.ts'
import type { Trouble } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import { millis, wallTime } from '../model/units.ts'
import { observeGlance, observeSample } from '../run/observe.ts'
import { releaseDue } from '../run/reduce/chunks.ts'
import { settle } from '../run/settle.ts'
import { batchState, ended, threadFacts } from '../run/state.ts'
import { nextTrial } from '../schedule/breaker.ts'
import { endBatch } from './batches.ts'
import { watchBreaker } from './breaking.ts'
import { checkpointed, considerSize, considerTime } from './checkpoints.ts'
import { LONGEST_WAIT } from './clock.ts'
import { runCommand } from './commands/run-command.ts'
import type { Core } from './core.ts'
import { dispatch } from './dispatch.ts'
import { finishIfOver } from './finishing.ts'
import { govern } from './governing.ts'
import type { Input } from './input.ts'
import { listed } from './listing.ts'
import { holdOver } from './pausing.ts'
import { handleReport } from './reports.ts'
import { stopRun } from './stopping.ts'

export interface Surroundings {
  /** Something that pictures show may have changed. */
  readonly changed: () => void
  /** Everything up to this event is on disk. */
  readonly durable: (seq: number) => void
  /** The disk does not take the journal; undefined: it does again. */
  readonly trouble: (trouble: Trouble | undefined) => void
  /** Memory was looked at. */
  readonly sampled: () => void
  /** To be answered by the input `checkpointed`. */
  readonly checkpoint: (reason: CheckpointReason) => void
  /** The last event is on disk. */
  readonly finished: () => void
  /** The run is given up before its end. */
  readonly abandoned: () => void
}

export class Supervisor {
  readonly #core: Core
  readonly #around: Surroundings
  #timer: NodeJS.Timeout | undefined
  /** When the input at hand came. */
  #turnAt = wallTime(0)
  /** What the timer waits for. */
  #dueAt: WallTime | undefined

  constructor(core: Core, around: Surroundings) {
    this.#core = core
    this.#around = around
  }

  /** Handles one input; called by the inbox only. */
  handle(input: Input): void {
    if (this.#core.isAbandoned) return
    this.#turnAt = this.#core.clock.now()
    if (this.#dueAt !== undefined && this.#dueAt <= this.#turnAt) this.#comeDue()
    this.#apply(input)
    if (!this.#core.isOver) {
      dispatch(this.#core)
      finishIfOver(this.#core)
      this.#waitForTime()
    }
    for (const reason of this.#core.checkpoints.asked.splice(0)) this.#around.checkpoint(reason)
    this.#answerWaiters()
    this.#around.changed()
    if (this.#core.isAbandoned) this.#around.abandoned()
  }

  #apply(input: Input): void {
    const core = this.#core
    switch (input.type) {
      case 'begin':
        begin(core)
        return this.#waitForCheckpoint()
      case 'report':
        // What threads say while they are ended at the end is no part of the run any more.
        return core.isOver ? undefined : handleReport(core, input.report)
      case 'command':
        return runCommand(core, input.command, (answer) => this.#answer(answer, input.answer))
      case 'durable':
        return this.#settle(input.events)
      case 'trouble':
        return this.#troubled(input.trouble)
      case 'checkpointDue':
        return considerTime(core)
      case 'checkpointed':
        return checkpointed(core, input)
      case 'sampled':
        observeSample(core.live, input.sample, core.clock.now())
        govern(core, true)
        return this.#around.sampled()
      case 'glanced':
        observeGlance(core.live, input)
        return govern(core, input.available !== undefined)
      case 'holdOver':
        return holdOver(core, input)
      case 'due':
        return this.#comeDue()
      case 'listed':
        return listed(core, input)
      case 'stop':
        stopRun(core, { isNow: input.isNow })
        return
      default:
        assertNever(input)
    }
  }

  #settle(events: readonly JournaledEvent[]): void {
    const { state } = this.#core
    for (const journaled of events) {
      settle(state, journaled)
      if (unlocks(this.#core, journaled)) this.#core.standing = undefined
    }
    this.#around.durable(state.seq)
    considerSize(this.#core)
    if (events.some(({ event }) => event.type === 'run.finished')) this.#around.finished()
  }

  /**
   * What a command did has happened, but may be said only once it is on disk. While the disk takes nothing the answer says that instead:
   * control must not wait for it.
   */
  #answer(answer: Answer, give: (answer: Answer) => void): void {
    const core = this.#core
    const seq = core.lastSeq
    const isDurable = () => core.state.seq >= seq
    if (isDurable()) return give(answer)
    if (core.trouble) return give(notOnDisk(answer))
    core.waiters.push({
      isDone: () => isDurable() || core.trouble !== undefined,
      answer: () => give(isDurable() ? answer : notOnDisk(answer)),
    })
  }

  #troubled(trouble: Trouble | undefined): void {
    const core = this.#core
    const { trouble: before } = core
    core.trouble = trouble
    if (before && !trouble && !core.isOver) {
      const ms = millis(Math.round(core.clock.now() - before.since))
      core.emit({ type: 'journal.resumed', message: before.message, ms })
    }
    this.#around.trouble(trouble)
  }

  #waitForCheckpoint(): void {
    const { plan, post } = this.#core
    setInterval(() => post({ type: 'checkpointDue' }), Math.min(plan.checkpoint, LONGEST_WAIT)).unref()
  }

  /** What waited for its time may start. Also before its timer says so: something else may have come first. */
  #comeDue(): void {
    const core = this.#core
    clearTimeout(this.#timer)
    this.#dueAt = undefined
    releaseDue(core.state, this.#turnAt)
    // A breaker may let an item try from now on.
    if (core.breakers.length > 0) core.standing = undefined
  }

  /** One timer for all items in backoff and all open breakers: for the first that is due. */
  #waitForTime(): void {
    // By the time of this turn: what has become due since its beginning was not looked at.
    const next = nextTime(this.#core, this.#turnAt)
    if (next === this.#dueAt) return
    clearTimeout(this.#timer)
    this.#dueAt = next
    if (next === undefined) return
    const wait = Math.max(0, next - this.#core.clock.now())
    this.#timer = setTimeout(
      () => {
        this.#dueAt = undefined
        if (!this.#core.isOver) this.#core.post({ type: 'due' })
      },
      Math.min(wait, LONGEST_WAIT),
    )
  }

  #answerWaiters(): void {
    const { waiters } = this.#core
    for (const waiter of waiters.filter(({ isDone }) => isDone())) {
      waiters.splice(waiters.indexOf(waiter), 1)
      waiter.answer()
    }
  }
}

function notOnDisk(answer: Answer): Answer {
  return answer.ok ? { ...answer, message: `${answer.message} (Not on disk yet.)` } : answer
}

/** Batches that have nothing left to do are over before anything starts, so that whoever needs them can. */
function begin(core: Core): void {
  core.addThreads()
  // What a person paused before the supervisor that was here died stays paused.
  for (const thread of core.live.threads) if (threadFacts(core.state, thread.thread).paused) thread.pause = 'paused'
  // That supervisor may have died between the attempt and what its breaker made of it.
  for (const index of core.breakers) watchBreaker(core, index)
  for (const { index } of core.plan.batches) endBatch(core, index)
}

/** When something may start for no other reason than that its time has come. */
function nextTime({ state, breakers }: Core, now: WallTime): WallTime | undefined {
  const due = state.backoff.next()
  if (breakers.length === 0) return due
  const trial = nextTrial(
    breakers.map((index) => batchState(state, index)),
    now,
  )
  return due === undefined || trial === undefined ? (due ?? trial) : wallTime(Math.min(due, trial))
}

/** Whether a durable event may have opened or closed a batch: successes only with the last item of their batch. */
function unlocks(core: Core, { event }: JournaledEvent): boolean {
  if (event.type === 'items.succeeded') {
    const { durable, count } = batchState(core.state, event.batch)
    return ended(durable) === count
  }
  if (event.type === 'batch.listed' || event.type === 'item.undone') return true
  // Back in a batch that became hopeless while they ran: they are skipped as its rest was.
  if (event.type === 'item.retrying' || event.type === 'items.returned') return core.standing?.hopeless.length !== 0
  return event.type === 'item.failed' || event.type === 'items.skipped' || event.type === 'items.requeued'
}
