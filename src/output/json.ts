/**
 * JSON for scripts: what does not come from the journal. The journal's own lines are made in view/json-lines.ts. May import model and
 * view; called by cli. Field names and types are those of the contract: they only ever grow.
 */
import type { Diagnostic } from '../model/diagnostic.ts'
import type { RunId } from '../model/ids.ts'
import { nameFields } from '../model/names.ts'
import type { MemoryView, RunSnapshot, ThreadView, Trouble } from '../model/snapshot.ts'
import type { WallTime } from '../model/units.ts'
import { wallTime } from '../model/units.ts'
import { actOf } from '../view/budget.ts'
import { elapsedOf } from '../view/format.ts'
import { JSON_LINES_VERSION } from '../view/json-lines.ts'

/** ISO 8601 with milliseconds. */
export function iso(at: WallTime): string {
  return new Date(at).toISOString()
}

/** A moment for people: `2026-11-21 04:22:14 UTC`. */
export function formatMoment(at: WallTime): string {
  return iso(at)
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
}

/** A `plan.invalid` line for every error; there is no run yet that it could name. */
export function invalidLines(diagnostics: readonly Diagnostic[], at: WallTime): readonly string[] {
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ file, line, column, rule, message, hint }) =>
      JSON.stringify({ ...head('plan.invalid', at), file, line, column, rule, message, hint }),
    )
}

/** Written by the client where the run's supervisor is gone without having ended the run. */
export function interruptedLine(run: RunId, at: WallTime): string {
  return JSON.stringify({ ...head('run.interrupted', at), run })
}

/** The journal cannot be written, so it cannot say so itself. */
export function stalledLine(run: RunId, { message, since, events }: Trouble, at: WallTime): string {
  return JSON.stringify({ ...head('journal.stalled', at), run, message, since: iso(since), events })
}

/** One look at memory. */
export function sampleLine({ head: { run }, memory, threads }: RunSnapshot, at: WallTime): string {
  const { budget, budgetNow, used, system } = memory
  const { total, available } = system
  return JSON.stringify({
    ...head('memory.sampled', at),
    run,
    budget,
    budgetNow,
    used,
    system: { total, available },
    threads: threads.map(({ thread, used: own, cap }) => ({ thread, used: own, cap })),
  })
}

/** `status --json`: one object. @param pid of the supervisor, where one lives */
export function statusObject(snapshot: RunSnapshot, now: WallTime, pid?: number): object {
  const { head: of, memory } = snapshot
  return {
    v: JSON_LINES_VERSION,
    run: of.run,
    plan: of.plan,
    state: of.state,
    pid,
    startedAt: iso(of.startedAt),
    elapsed: Math.round(elapsedOf(of.clock, now)),
    total: of.total,
    unlisted: of.unlisted,
    succeeded: of.succeeded,
    failed: of.failed,
    skipped: of.skipped,
    running: of.running,
    waiting: of.waiting,
    queued: of.queued,
    rate: of.rate,
    threads: snapshot.threads.map((thread) => threadObject(thread, snapshot)),
    batches: snapshot.batches.map(batchObject),
    memory: memoryObject(memory),
    gates: [],
    eta: of.eta,
    outcome: of.outcome,
    exit: of.exit,
    trouble: of.trouble && { ...of.trouble, since: iso(of.trouble.since) },
    planPath: of.planPath,
    stateDir: of.stateDir,
  }
}

/** What only a live run knows is left out of one that is over. */
function memoryObject(memory: MemoryView): object {
  const { budget, perThread, reserve, total, used, system, budgetNow, backing, holdsAbove, isKnown } = memory
  const plan = { budget, perThread, reserve, total, act: actOf(memory) }
  return isKnown ? { ...plan, used, system, budgetNow, backing, holdsAbove } : plan
}

function threadObject(view: ThreadView, { batches }: RunSnapshot): object {
  const { thread, state, batch, item, clock, fraction, used, cap, paused } = view
  return {
    thread,
    state,
    batch: batch === undefined ? undefined : batches[batch]?.id,
    ...(item && nameFields(item.name)),
    attempt: item?.attempt,
    undo: view.isUndo,
    startedAt: clock && 'since' in clock ? iso(clock.since) : undefined,
    elapsed: clock && 'elapsed' in clock ? Math.round(clock.elapsed) : undefined,
    fraction,
    pausedBy: paused?.by,
    used,
    cap,
    expected: view.expected,
    heap: view.heap,
    external: view.external,
    cpu: Math.round(view.cpu * 100) / 100,
  }
}

function batchObject({
  id,
  state,
  total,
  isUnlisted,
  succeeded,
  failed,
  skipped,
  running,
  waiting,
  size,
  breaker,
  toUndo,
}: RunSnapshot['batches'][number]): object {
  const listed = isUnlisted ? false : undefined
  const open = breaker && { ...breaker, until: iso(breaker.until) }
  return { id, state, total, listed, succeeded, failed, skipped, running, waiting, toUndo, size, breaker: open }
}

function head(type: string, at: WallTime): { v: number; at: string; type: string } {
  return { v: JSON_LINES_VERSION, at: iso(wallTime(at)), type }
}
