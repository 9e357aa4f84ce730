/** What threads report → facts and effects. */
import { noteItemEnded } from '../govern/governor.ts'
import type { ItemResult, ThreadReport } from '../model/chunk.ts'
import { assertNever } from '../model/errors.ts'
import type { LogRef, RunEvent, ValueRef } from '../model/event.ts'
import type { ItemIndex } from '../model/ids.ts'
import type { Reason } from '../model/reason.ts'
import { MAX_LOSSES } from '../model/reason.ts'
import type { Bytes } from '../model/units.ts'
import { bytes, millis, wallTime } from '../model/units.ts'
import type { HeldChunk, LiveThread } from '../run/live.ts'
import { freezeClock, leavePlaces, leaveRange } from '../run/observe.ts'
import { threadFacts } from '../run/state.ts'
import { judge } from '../schedule/judge.ts'
import { endOpenAct, forgetActs, reclaimed } from './acts.ts'
import { endBatch } from './batches.ts'
import type { Core } from './core.ts'
import { overCap } from './governing.ts'
import { endGovernorsPause, goneOn, pausedNow } from './pausing.ts'
import { takePeak } from './peaks.ts'

type Of<Type extends ThreadReport['type']> = Extract<ThreadReport, { type: Type }>
type Failure = Extract<ItemResult, { ok: false }>
type Success = Extract<ItemResult, { ok: true }>

export function handleReport(core: Core, report: ThreadReport): void {
  const thread = core.live.threads[report.thread - 1]
  if (!thread) return
  switch (report.type) {
    case 'items.succeeded':
      return succeedRange(core, thread, report)
    case 'items.ended':
      return endItems(core, thread, report)
    case 'items.taken':
      return returnPlaces(core, thread, { ...report, how: 'untouched' })
    case 'items.interrupted':
      return returnPlaces(core, thread, { ...report, how: thread.isLeaving ? 'evicted' : 'interrupted' })
    case 'chunk.ended':
      return endChunk(core, thread, report)
    case 'item.progressed':
      return progress(thread, report)
    case 'thread.ready':
      return ready(core, thread, report.pid)
    case 'thread.frozen':
      thread.isFrozen = true
      return standsStill(core, thread)
    case 'thread.thawed':
      return thawed(core, thread)
    case 'thread.held':
      return stoppedAtTick(core, thread)
    case 'thread.reclaimed':
      return reclaimed(core, thread.thread)
    case 'thread.measured':
      thread.measured = { heap: report.heap, external: report.external }
      return
    case 'thread.lost':
      return lose(core, thread, report)
    case 'thread.stopped':
      return stopped(core, thread)
    case 'thread.broken':
      return broken(core, thread, report)
    default:
      assertNever(report)
  }
}

/** Reports are idempotent: those of a chunk that is not held any more say nothing new. */
function heldBy(thread: LiveThread, chunk: number | undefined): HeldChunk | undefined {
  return thread.held && thread.held.chunk.id === chunk ? thread.held : undefined
}

function succeedRange(core: Core, thread: LiveThread, { chunk: id, from, ms }: Of<'items.succeeded'>): void {
  const held = heldBy(thread, id)
  if (!held) return
  const { items, attempts, batch } = held.chunk
  const to = from + ms.length
  const peak = takePeak(
    core,
    thread,
    ms.reduce((total, one) => total + one, 0),
  )
  leaveRange(held, from, ms.length, core.clock.now())
  core.emit({
    type: 'items.succeeded',
    thread: thread.thread,
    batch: batch.index,
    items: items.slice(from, to),
    attempts: attempts.slice(from, to),
    ms,
    // Who of them took it nobody knows: it is told once.
    ...(peak === undefined ? {} : { peaks: ms.map((_, place) => (place === ms.length - 1 ? peak : null)) }),
  })
  endBatch(core, batch.index)
}

function endItems(core: Core, thread: LiveThread, { chunk: id, results }: Of<'items.ended'>): void {
  const held = heldBy(thread, id)
  if (!held) return
  const peak = takePeak(core, thread, Math.max(...results.map(({ ms }) => ms)))
  const fresh = new Set(
    leavePlaces(
      held,
      results.map(({ place }) => place),
      core.clock.now(),
    ),
  )
  const known = results.filter(({ place }) => fresh.has(place))
  succeed(core, { thread, held, results: known.filter((result) => result.ok), peak })
  for (const result of known) if (!result.ok) fail(core, { thread, held, result, peak })
  endBatch(core, held.chunk.batch.index)
}

interface Ended {
  readonly thread: LiveThread
  readonly held: HeldChunk
  /** Most memory the thread took meanwhile. */
  readonly peak?: Bytes | undefined
}

function succeed(core: Core, { thread, held, results, peak }: Ended & { results: readonly Success[] }): void {
  if (results.length === 0) return
  const { items, names, attempts, batch } = held.chunk
  const values: (ValueRef | null)[] = results.map(({ place, value }) =>
    value === undefined ? null : core.journal.value(batch.id, names[place] ?? '', value),
  )
  const logs: (LogRef | null)[] = results.map(({ log }) => log ?? null)
  core.emit({
    type: 'items.succeeded',
    thread: thread.thread,
    batch: batch.index,
    items: results.map(({ place }) => items[place] as ItemIndex),
    attempts: results.map(({ place }) => attempts[place] ?? 1),
    ms: results.map(({ ms }) => ms),
    ...(values.some((value) => value !== null) ? { values } : {}),
    ...(logs.some((log) => log !== null) ? { logs } : {}),
    ...(peak === undefined ? {} : { peaks: results.map((_, place) => (place === results.length - 1 ? peak : null)) }),
  })
}

function fail(core: Core, { thread, held, result, peak }: Ended & { result: Failure }): void {
  const { items, attempts, batch } = held.chunk
  const item = items[result.place] as ItemIndex
  const now = core.clock.now()
  if (result.retryAfter !== undefined) {
    const retryAt = wallTime(now + result.retryAfter)
    core.emit({
      type: 'items.returned',
      thread: thread.thread,
      batch: batch.index,
      items: [item],
      how: 'postponed',
      retryAt,
    })
    return
  }
  const { isRetryable, reason, ms, log } = result
  const verdict = judge(core.batch(batch.index), {
    run: core.state.run,
    item,
    reason,
    failures: core.state.items.failures[item] ?? 0,
    memoryFailures: core.state.appetites.get(item)?.failures ?? 0,
    isRetryable,
  })
  const attempt = attempts[result.place] ?? 1
  const ending = {
    item,
    thread: thread.thread,
    attempt,
    ms,
    reason,
    ...(log === undefined ? {} : { log }),
    ...(peak === undefined ? {} : { peak }),
  }
  if (verdict.kind === 'retry') core.emit({ type: 'item.retrying', retryAt: wallTime(now + verdict.after), ...ending })
  else core.emit({ type: 'item.failed', ...ending, reason: verdict.reason })
}

interface Returned {
  readonly chunk: number | undefined
  readonly places: readonly number[]
  readonly how: Extract<RunEvent, { type: 'items.returned' }>['how']
}

function returnPlaces(core: Core, thread: LiveThread, { chunk, places, how }: Returned): void {
  const held = heldBy(thread, chunk)
  if (!held) return
  const { peak } = held
  const items = leavePlaces(held, places, core.clock.now()).map((place) => held.chunk.items[place] as ItemIndex)
  if (items.length === 0) return
  const shown = how === 'evicted' && peak !== undefined ? { peak } : {}
  core.emit({ type: 'items.returned', thread: thread.thread, batch: held.chunk.batch.index, items, how, ...shown })
}

function endChunk(core: Core, thread: LiveThread, { chunk }: Of<'chunk.ended'>): void {
  const held = heldBy(thread, chunk)
  if (!held) return
  // Nothing may ever get lost on the way: what was not reported goes back.
  const missing = [...held.gone.keys()].filter((place) => held.gone[place] === 0)
  returnPlaces(core, thread, { chunk, places: missing, how: 'orphaned' })
  thread.held = undefined
  thread.isLeaving = false
  noteItemEnded(core.governing.governor, thread.thread)
  forgetActs(core, thread.thread, ['pause'])
  endGovernorsPause(core, thread)
  if (thread.isRetiring) retire(core, thread)
  else if (thread.pause === 'draining') pausedNow(core, thread)
}

/** Ends the process of a thread that is to go. */
export function retire(core: Core, thread: LiveThread): void {
  if (thread.process === 'none' || thread.process === 'broken') return stopped(core, thread)
  if (thread.process === 'stopping') return
  thread.process = 'stopping'
  void core.thread(thread.thread).stop()
}

function progress(thread: LiveThread, { chunk, place, fraction, note, log }: Of<'item.progressed'>): void {
  const held = heldBy(thread, chunk)
  if (!held || held.running !== place) return
  held.fraction = fraction ?? held.fraction
  held.note = note ?? held.note
  held.log = log ?? held.log
}

function ready(core: Core, thread: LiveThread, pid: number): void {
  thread.process = 'ready'
  thread.pid = pid
  thread.isFresh = true
  if (!threadFacts(core.state, thread.thread).isStarted) core.emit({ type: 'thread.started', thread: thread.thread })
  if (thread.isRetiring) retire(core, thread)
}

function stoppedAtTick(core: Core, thread: LiveThread): void {
  if (thread.pause !== 'holding' && thread.pause !== 'freezing') return
  thread.isHeld = true
  if (thread.pause === 'holding') standsStill(core, thread)
}

function standsStill(core: Core, thread: LiveThread): void {
  freezeClock(thread, core.clock.now())
  endOpenAct(core, 'pause', thread.thread)
  pausedNow(core, thread)
}

function thawed(core: Core, thread: LiveThread): void {
  goneOn(core, thread)
  if (thread.isRetiring && !thread.held) retire(core, thread)
}

/** The process died: the item that ran counts a loss, everything else of its chunk simply goes back. */
function lose(core: Core, thread: LiveThread, { chunk, running, orphaned, reason }: Of<'thread.lost'>): void {
  const held = heldBy(thread, chunk)
  if (held && running !== undefined) loseItem(core, { thread, held, place: running }, reason)
  returnPlaces(core, thread, { chunk, places: orphaned, how: 'orphaned' })
  if (held) endBatch(core, held.chunk.batch.index)
  core.emit({ type: 'thread.replaced', thread: thread.thread, reason })
  processGone(core, thread)
  if (thread.pausedBy === 'governor') goneOn(core, thread)
  else if (thread.pause !== 'none') pausedNow(core, thread)
  thread.process = 'replacing'
  if (thread.isRetiring) retire(core, thread)
}

/** Whatever was known of a thread's process is true no more. */
function processGone(core: Core, thread: LiveThread): void {
  thread.held = undefined
  thread.frozenAt = undefined
  thread.pid = undefined
  thread.isHeld = false
  thread.isFrozen = false
  thread.isLeaving = false
  thread.measured = undefined
  noteItemEnded(core.governing.governor, thread.thread)
  forgetActs(core, thread.thread, ['pause', 'reclaim'])
}

function loseItem(
  core: Core,
  { thread, held, place }: Ended & { place: number },
  reason: Of<'thread.lost'>['reason'],
): void {
  if (reason.kind === 'memory') return loseToMemory(core, { thread, held, place }, reason)
  const item = held.chunk.items[place] as ItemIndex
  if ((core.state.losses.get(item) ?? 0) + 1 < MAX_LOSSES) {
    returnPlaces(core, thread, { chunk: held.chunk.id, places: [place], how: 'lost' })
    return
  }
  const now = core.clock.now()
  // What it reported just before it froze may have been heard later.
  const ms = millis(Math.max(0, (thread.frozenAt ?? now) - held.since))
  if (leavePlaces(held, [place], now).length === 0) return
  const message = `its thread's process died ${MAX_LOSSES} times while it ran: ${reason.message}`
  const attempt = held.chunk.attempts[place] ?? 1
  core.emit({
    type: 'item.failed',
    item,
    thread: thread.thread,
    attempt,
    ms,
    reason: { ...reason, kind: 'lost', message },
  })
}

/** It took its process along: the attempt has failed. */
function loseToMemory(
  core: Core,
  { thread, held, place }: Ended & { place: number },
  reason: Extract<Reason, { kind: 'memory' }>,
): void {
  const now = core.clock.now()
  const ms = millis(Math.max(0, (thread.frozenAt ?? now) - held.since))
  const { peak } = held
  if (leavePlaces(held, [place], now).length === 0) return
  const { message } = reason
  const why = { ...overCap(core, { ...thread, used: bytes(Math.max(thread.used, peak ?? 0)) }), ...reason, message }
  fail(core, { thread, held, peak, result: { ok: false, place, ms, reason: why, isRetryable: true } })
}

function stopped(core: Core, thread: LiveThread): void {
  thread.process = 'none'
  processGone(core, thread)
  // Whoever waits for it to freeze or to go on waits no more.
  thread.pause = 'none'
  const { isStarted, paused } = threadFacts(core.state, thread.thread)
  if (isStarted || paused) core.emit({ type: 'thread.stopped', thread: thread.thread })
  // It may have been wanted again while its process ended.
  thread.isRetiring = thread.thread > core.wanted
  // Only the highest numbers ever go, so that the others keep theirs.
  while (core.live.threads.at(-1)?.isRetiring && core.live.threads.at(-1)?.process === 'none') {
    core.live.threads.pop()
    core.threads.pop()
  }
  core.addThreads()
}

function broken(core: Core, thread: LiveThread, { reason }: Of<'thread.broken'>): void {
  thread.process = 'broken'
  console.error(`Thread ${thread.thread} cannot be started: ${reason.message}`)
  core.emit({ type: 'thread.stopped', thread: thread.thread })
}
