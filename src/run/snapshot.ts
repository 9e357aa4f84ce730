/**
 * Facts and moment → the small picture that screens, `status` and metrics are drawn from. Reads durable counters for whatever has ended.
 * Called by the supervisor at most ten times a second, and by readers of journals with an empty `Live`.
 */
import type { BatchIndex } from '../model/ids.ts'
import type { Batch } from '../model/plan.ts'
import type { BatchView, Clock, Head, PhaseView, RunSnapshot, RunStateWord, Trouble } from '../model/snapshot.ts'
import type { Millis, WallTime } from '../model/units.ts'
import { millis } from '../model/units.ts'
import type { Live } from './live.ts'
import { usedByAll } from './observe.ts'
import type { BatchState, RunState } from './state.ts'
import { batchState, ended, isComplete } from './state.ts'
import { threadViews } from './thread-views.ts'

/** What a picture needs besides facts and moment. */
export interface SnapshotContext {
  readonly now: WallTime
  readonly stateDir: string
  readonly isForeground: boolean
  /** Ids of what a batch still waits for, empty where it may run. */
  readonly blockedBy: (batch: BatchIndex) => readonly string[]
  readonly eta?: { readonly p50: Millis; readonly p90: Millis } | undefined
  /** Items ended a minute. */
  readonly rate?: number | undefined
  /** False: the last event is not on disk yet, so an end that it says is none. */
  readonly isEndDurable?: boolean
  /** The disk does not take the journal. */
  readonly trouble?: Trouble | undefined
  /** False: nobody is there any more (an ended or crashed run read from its journal). */
  readonly isLive: boolean
}

/** Ended items from which a usual time, and a p95, can be trusted. */
const USUAL_FROM = 3
const P95_FROM = 20

export function snapshotOf(facts: RunState, live: Live, context: SnapshotContext): RunSnapshot {
  const { isEndDurable = true } = context
  const state = isEndDurable ? facts : { ...facts, endedAt: undefined, outcome: undefined, exit: undefined }
  const batches = state.plan.batches.map((batch) => batchView(state, batch, { live, context }))
  const { memory } = state.plan
  const system = live.system ?? { total: memory.total, available: memory.total }
  return {
    head: head(state, { batches, live, context }),
    phases: phaseViews(state, batches),
    threads: threadViews(state, live, context),
    batches,
    memory: {
      ...memory,
      perThread: live.cap,
      used: usedByAll(live),
      system,
      budgetNow: live.budget,
      ...(live.backing === undefined ? {} : { backing: live.backing }),
      ...(live.holdsAbove === undefined ? {} : { holdsAbove: live.holdsAbove }),
      acted: [...state.acted],
      history: [...live.history],
      isKnown: live.system !== undefined,
    },
    spans: state.spans.map(({ thread, batch, from, to }) =>
      to === undefined ? { thread, batch, from } : { thread, batch, from, to },
    ),
    events: state.events.slice(-200),
  }
}

interface Parts {
  readonly batches: readonly BatchView[]
  readonly live: Live
  readonly context: SnapshotContext
}

function head(state: RunState, { batches, live, context }: Parts): Head {
  const sum = (of: (batch: BatchView) => number) => batches.reduce((total, batch) => total + of(batch), 0)
  const counts = {
    succeeded: sum(({ succeeded }) => succeeded),
    failed: sum(({ failed }) => failed),
    skipped: sum(({ skipped }) => skipped),
    running: sum(({ running }) => running),
    waiting: sum(({ waiting }) => waiting),
  }
  const unlisted = state.batches.filter(({ durable }) => durable.listing === 'due').length
  const gone = counts.succeeded + counts.failed + counts.skipped + counts.running + counts.waiting
  return {
    run: state.run,
    plan: state.plan.name,
    planPath: state.plan.path,
    stateDir: context.stateDir,
    state: stateWord(state, live, context.isLive),
    epoch: state.epoch,
    startedAt: state.startedAt,
    clock: clockOf(state),
    total: state.plan.items,
    ...(unlisted === 0 ? {} : { unlisted }),
    ...counts,
    queued: state.plan.items - gone,
    ...(context.rate === undefined ? {} : { rate: context.rate }),
    ...(context.eta === undefined ? {} : { eta: context.eta }),
    seq: state.seq,
    ...(state.outcome === undefined ? {} : { outcome: state.outcome }),
    ...(state.exit === undefined ? {} : { exit: state.exit }),
    isForeground: context.isForeground,
    ...(context.trouble === undefined ? {} : { trouble: context.trouble }),
  }
}

function clockOf({ startedAt, endedAt }: RunState): Clock {
  return endedAt === undefined ? { since: startedAt } : { elapsed: millis(endedAt - startedAt) }
}

function stateWord(state: RunState, live: Live, isLive: boolean): RunStateWord {
  if (state.endedAt !== undefined) return 'ended'
  if (!isLive) return 'interrupted'
  if (state.draining !== 'no') return 'draining'
  const there = live.threads.filter(({ isRetiring, held }) => !isRetiring || held !== undefined)
  return there.length > 0 && there.every(({ pause }) => pause === 'paused') ? 'paused' : 'running'
}

function batchView(state: RunState, batch: Batch, { live, context }: Omit<Parts, 'batches'>): BatchView {
  const facts = batchState(state, batch.index)
  const { succeeded, failed, skipped } = facts.durable
  const holders = live.threads.filter(({ held }) => held && held.left > 0 && held.chunk.batch.index === batch.index)
  const running = holders.filter(({ held }) => !held?.isUndo).length
  const isOver = !context.isLive || state.endedAt !== undefined
  const breaker = isOver || isComplete(facts.durable, facts.count) ? undefined : facts.breaker?.opened
  const toUndo = facts.toUndoDurably.size
  const needs = context.isLive ? context.blockedBy(batch.index) : []
  const usual = facts.durations.quantile(0.5, USUAL_FROM)
  const p95 = facts.durations.quantile(0.95, P95_FROM)
  const size = facts.sizes.usual
  const category = batch.category === undefined ? undefined : state.plan.categories[batch.category]
  return {
    index: batch.index,
    id: batch.id,
    title: batch.title,
    ...(batch.phase === undefined ? {} : { phase: batch.phase }),
    ...(category === undefined ? {} : { category }),
    level: batch.level,
    state: batchWord(facts, { holders: holders.length, isHeldBack: needs.length > 0 || breaker !== undefined, isOver }),
    total: batch.count,
    ...(facts.durable.listing === 'known' ? {} : { isUnlisted: true }),
    succeeded,
    failed,
    skipped,
    // Applied counters run ahead of durable ones by a commit: the sum must never exceed the total.
    running: Math.max(0, Math.min(running, batch.count - ended(facts.durable) - facts.waiting)),
    waiting: facts.waiting,
    needs,
    ...(breaker === undefined ? {} : { breaker }),
    ...(toUndo === 0 ? {} : { toUndo }),
    ...(facts.startedAt === undefined ? {} : { startedAt: facts.startedAt }),
    ...(facts.endedAt === undefined ? {} : { endedAt: facts.endedAt }),
    ...(usual === undefined ? {} : { usual }),
    ...(p95 === undefined ? {} : { p95 }),
    ...(size === undefined ? {} : { size }),
  }
}

interface Surroundings {
  /** Threads that run its items, or undo what some did. */
  readonly holders: number
  /** It waits for others, or for its breaker. */
  readonly isHeldBack: boolean
  /** Nobody goes on with it. */
  readonly isOver: boolean
}

function batchWord(facts: BatchState, { holders, isHeldBack, isOver }: Surroundings): BatchView['state'] {
  const haveEnded = isComplete(facts.durable, facts.count)
  if (haveEnded && facts.toUndoDurably.size === 0) return 'ended'
  if (isOver) return 'left'
  if (facts.pausedBy !== undefined) return 'paused'
  if (holders > 0 || haveEnded) return 'running'
  return isHeldBack ? 'waiting' : 'ready'
}

function phaseViews(state: RunState, batches: readonly BatchView[]): PhaseView[] {
  return state.plan.phases.map(({ id, title }, phase) => {
    const own = batches.filter((batch) => batch.phase === phase)
    const total = own.reduce((sum, batch) => sum + batch.total, 0)
    const done = own.reduce((sum, { succeeded, failed, skipped }) => sum + succeeded + failed + skipped, 0)
    const isRunning = own.some((batch) => batch.startedAt !== undefined)
    const isOver = done === total && own.every((one) => one.state === 'ended' || !(one.isUnlisted || one.toUndo))
    return { id, title, state: isOver ? 'ended' : isRunning ? 'running' : 'waiting', total, done }
  })
}
