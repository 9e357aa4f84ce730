/** What threads report → facts and effects. */
import type { ItemResult, ThreadReport } from '../model/chunk.ts'
import { assertNever } from '../model/errors.ts'
import type { LogRef, RunEvent, ValueRef } from '../model/event.ts'
import type { ItemIndex } from '../model/ids.ts'
import { MAX_LOSSES } from '../model/reason.ts'
import { millis, wallTime } from '../model/units.ts'
import type { HeldChunk, LiveThread } from '../run/live.ts'
import { freezeClock, leavePlaces, leaveRange, thawClock } from '../run/observe.ts'
import { threadFacts } from '../run/state.ts'
import { judge } from '../schedule/judge.ts'
import { endBatch } from './batches.ts'
import type { Core } from './core.ts'
import { pausedNow } from './pausing.ts'

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
      return returnPlaces(core, thread, { ...report, how: 'interrupted' })
    case 'chunk.ended':
      return endChunk(core, thread, report)
    case 'item.progressed':
      return progress(thread, report)
    case 'thread.ready':
      return ready(core, thread, report.pid)
    case 'thread.frozen':
      freezeClock(thread, core.clock.now())
      return pausedNow(core, thread)
    case 'thread.thawed':
      return thawed(core, thread)
    case 'thread.held':
    case 'thread.reclaimed':
      return
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
  leaveRange(held, from, ms.length, core.clock.now())
  core.emit({
    type: 'items.succeeded',
    thread: thread.thread,
    batch: batch.index,
    items: items.slice(from, to),
    attempts: attempts.slice(from, to),
    ms,
  })
  endBatch(core, batch.index)
}

function endItems(core: Core, thread: LiveThread, { chunk: id, results }: Of<'items.ended'>): void {
  const held = heldBy(thread, id)
  if (!held) return
  const fresh = new Set(
    leavePlaces(
      held,
      results.map(({ place }) => place),
      core.clock.now(),
    ),
  )
  const known = results.filter(({ place }) => fresh.has(place))
  succeed(core, { thread, held, results: known.filter((result) => result.ok) })
  for (const result of known) if (!result.ok) fail(core, { thread, held, result })
  endBatch(core, held.chunk.batch.index)
}

interface Ended {
  readonly thread: LiveThread
  readonly held: HeldChunk
}

function succeed(core: Core, { thread, held, results }: Ended & { results: readonly Success[] }): void {
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
  })
}

function fail(core: Core, { thread, held, result }: Ended & { result: Failure }): void {
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
    failures: core.state.items.failures[item] ?? 0,
    isRetryable,
  })
  const attempt = attempts[result.place] ?? 1
  const ending = { item, thread: thread.thread, attempt, ms, reason, ...(log === undefined ? {} : { log }) }
  if (verdict.kind === 'retry') core.emit({ type: 'item.retrying', retryAt: wallTime(now + verdict.after), ...ending })
  else core.emit({ type: 'item.failed', ...ending })
}

interface Returned {
  readonly chunk: number | undefined
  readonly places: readonly number[]
  readonly how: Extract<RunEvent, { type: 'items.returned' }>['how']
}

function returnPlaces(core: Core, thread: LiveThread, { chunk, places, how }: Returned): void {
  const held = heldBy(thread, chunk)
  if (!held) return
  const items = leavePlaces(held, places, core.clock.now()).map((place) => held.chunk.items[place] as ItemIndex)
  if (items.length === 0) return
  core.emit({ type: 'items.returned', thread: thread.thread, batch: held.chunk.batch.index, items, how })
}

function endChunk(core: Core, thread: LiveThread, { chunk }: Of<'chunk.ended'>): void {
  const held = heldBy(thread, chunk)
  if (!held) return
  // Nothing may ever get lost on the way: what was not reported goes back.
  const missing = [...held.gone.keys()].filter((place) => held.gone[place] === 0)
  returnPlaces(core, thread, { chunk, places: missing, how: 'orphaned' })
  thread.held = undefined
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
  if (!threadFacts(core.state, thread.thread).isStarted) core.emit({ type: 'thread.started', thread: thread.thread })
  if (thread.isRetiring) retire(core, thread)
}

function thawed(core: Core, thread: LiveThread): void {
  thawClock(thread, core.clock.now())
  if (thread.pause === 'none') return
  thread.pause = 'none'
  core.emit({ type: 'thread.resumed', thread: thread.thread, by: 'user' })
  if (thread.isRetiring && !thread.held) retire(core, thread)
}

/** The process died: the item that ran counts a loss, everything else of its chunk simply goes back. */
function lose(core: Core, thread: LiveThread, { chunk, running, orphaned, reason }: Of<'thread.lost'>): void {
  const held = heldBy(thread, chunk)
  if (held && running !== undefined) loseItem(core, { thread, held, place: running }, reason)
  returnPlaces(core, thread, { chunk, places: orphaned, how: 'orphaned' })
  if (held) endBatch(core, held.chunk.batch.index)
  core.emit({ type: 'thread.replaced', thread: thread.thread, reason })
  thread.held = undefined
  thread.frozenAt = undefined
  thread.pid = undefined
  if (thread.pause !== 'none') pausedNow(core, thread)
  thread.process = 'replacing'
  if (thread.isRetiring) retire(core, thread)
}

function loseItem(
  core: Core,
  { thread, held, place }: Ended & { place: number },
  reason: Of<'thread.lost'>['reason'],
): void {
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

function stopped(core: Core, thread: LiveThread): void {
  thread.process = 'none'
  thread.pid = undefined
  thread.frozenAt = undefined
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
