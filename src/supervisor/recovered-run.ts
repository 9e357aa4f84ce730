/** The ground of a run that an earlier supervisor left: its facts under the plan as it is now. Called with the plan's lock held. */
import { realpath, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { writePlanVersion } from '../journal/plan-files.ts'
import type { Restored } from '../journal/restore.ts'
import { restore } from '../journal/restore.ts'
import type { RunInfo } from '../journal/run-info.ts'
import { readRunInfo, writeRunInfo } from '../journal/run-info.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { ItemIndex } from '../model/ids.ts'
import type { Batch, Plan } from '../model/plan.ts'
import { MAX_DEATHS } from '../model/reason.ts'
import type { Changed, Recovered, StartRequest } from '../model/start.ts'
import type { WallTime } from '../model/units.ts'
import { millis } from '../model/units.ts'
import type { CarriedOver } from '../run/carry-over.ts'
import { carryOver } from '../run/carry-over.ts'
import { carryListings } from '../run/listing.ts'
import type { RunState } from '../run/state.ts'
import { STATUS } from '../run/state.ts'
import { beginLogs } from '../threads/logs.ts'
import { endSurvivors } from '../threads/survivors.ts'
import type { Core } from './core.ts'
import type { Ground } from './ground.ts'
import { infoOf } from './new-run.ts'

export type RecoverRequest = StartRequest & { readonly recover: NonNullable<StartRequest['recover']> }

/**
 * @throws BatchtopError `no-run`, `run-over`, `changed` with the counts, `survivors`, `journal-damaged`, `journal-format`. Nothing of the
 * run has changed then but what was cut short in its files.
 */
export async function recoveredRun(request: RecoverRequest, now: WallTime): Promise<Ground> {
  const { recover } = request
  const folder = await realpath(recover.folder)
  const info = await infoToRecover(request, folder)
  const { run } = info
  const epoch = info.epoch + 1
  await endSurvivors({ run, folder, epoch })
  const restored = await restore(folder, info)
  for (const note of restored.notes) console.error(note)
  const carried = carryOver(restored.state, request.plan, howOf(recover))
  refuseChanges(carried, recover.changed, info)
  const { plan, planVersion } = await versionOf(request, folder, { restored, carried })
  const state: RunState = { ...carried.state, plan, planVersion }
  const recoveredAt = now
  const next = infoOf({ ...request, plan }, { run, folder, startedAt: info.startedAt, epoch, planVersion, recoveredAt })
  await beginLogs(folder)
  await rename(request.logFile, join(folder, `supervisor-${epoch}.log`))
  // Last: up to here the run is what it was.
  await writeRunInfo(next)
  const report = { ...reportOf(carried, plan), epoch, seq: restored.seq + 1 }
  return {
    run,
    folder,
    plan,
    state,
    info: next,
    generation: restored.generation,
    seq: restored.seq,
    valuesEnds: restored.valuesEnds,
    recovered: report,
    announce: (core) => announceRecovery(core, { report, planVersion, changed: recover.changed }),
    giveBack: () => writeRunInfo(info),
  }
}

async function infoToRecover({ plan, recover }: RecoverRequest, folder: string): Promise<RunInfo> {
  const info = await readRunInfo(folder)
  if (!info) throw new BatchtopError('no-run', `${folder} holds no run.`, { exit: EXIT.notFound })
  if (info.plan !== plan.name || info.planPath !== plan.path)
    throw new Error(`The lock of ${plan.path} is not that of run ${info.run}`)
  // It may have ended between the client's look and the lock.
  if (info.ended?.left === 0 && !recover.command) {
    throw new BatchtopError('run-over', `Run ${info.run} has ended, nothing of it is left to do.`, {
      hint: `\`batchtop status -R ${info.run}\` says how it ended.`,
    })
  }
  return info
}

function howOf({ changed }: RecoverRequest['recover']): 'rerun' | 'keep' {
  return changed === 'rerun' ? 'rerun' : 'keep'
}

function refuseChanges({ changed }: CarriedOver, how: Changed, { run, plan }: RunInfo): void {
  if (changed === 0 || how !== 'fail') return
  const items = changed === 1 ? '1 item that has ended' : `${changed} items that have ended`
  const what = `Run ${run} of ${plan}: ${items} would run something else in the plan as it is now. Nothing was started.`
  throw new BatchtopError('changed', what, {
    hint: '--changed rerun runs them again, --changed keep takes what they did as good.',
  })
}

interface Found {
  readonly restored: Restored
  readonly carried: CarriedOver
}

/** The plan as it holds from here on, kept beside the earlier ones where it differs from the last of them. */
async function versionOf(
  { plan: asked, planText, recover }: RecoverRequest,
  folder: string,
  { restored, carried }: Found,
): Promise<{ readonly plan: Plan; readonly planVersion: number }> {
  const { planVersion: last, plan: before } = restored.state
  const compiled = { ...asked, batches: asked.batches.map((batch) => withVoids(batch, before, { restored, carried })) }
  const plan = carryListings(compiled, before, howOf(recover))
  if (isDeepStrictEqual(plan, before)) return { plan, planVersion: last }
  await writePlanVersion(folder, last + 1, compiled, planText)
  return { plan, planVersion: last + 1 }
}

function withVoids(batch: Batch, before: Plan, { restored, carried }: Found): Batch {
  const old = before.batches.find(({ id }) => id === batch.id)
  const end = restored.valuesEnds[batch.id] ?? 0
  // A batch that is back after it was gone has new items: what they returned before is nobody's.
  const names: readonly string[] | 'all' = old ? (carried.voids.get(batch.id) ?? []) : end > 0 ? 'all' : []
  const voids = [...(old?.voids ?? []), ...(names.length === 0 ? [] : [{ before: end, names }])]
  return voids.length === 0 ? batch : { ...batch, voids }
}

function reportOf({ state, requeued, new: added, gone }: CarriedOver, plan: Plan): Omit<Recovered, 'epoch' | 'seq'> {
  const sum = (of: 'succeeded' | 'failed' | 'skipped') =>
    state.batches.reduce((total, { applied }) => total + applied[of], 0)
  const handed = state.batches.reduce((total, batch) => total + batch.handed, 0)
  const paused = state.threads.slice(0, plan.threads).filter(({ paused: one }) => one?.by === 'user').length
  return {
    succeeded: sum('succeeded'),
    failed: sum('failed'),
    skipped: sum('skipped'),
    requeued: requeued + handed,
    new: added,
    gone,
    paused,
  }
}

interface Announcement {
  readonly report: Recovered
  readonly planVersion: number
  readonly changed: Changed
}

function announceRecovery(core: Core, { report, planVersion, changed }: Announcement): void {
  const { name, items, threads, memory } = core.plan
  const lost = lostItems(core.state)
  const { epoch, succeeded, gone, paused } = report
  core.emit({
    type: 'run.recovered',
    run: core.run,
    plan: name,
    items,
    threads,
    memory,
    epoch,
    planVersion,
    changed: changed === 'rerun' ? 'rerun' : 'keep',
    succeeded,
    requeued: report.requeued - lost.length,
    new: report.new,
    gone,
    paused,
    lost: lost.map(({ item }) => item),
  })
  for (const { item, attempt } of lost) failLost(core, item, attempt)
}

/** Items that were on a thread at one death of a supervisor too many. */
function lostItems({ items, deaths }: RunState): { item: ItemIndex; attempt: number }[] {
  return [...deaths]
    .filter(([item, count]) => items.status[item] === STATUS.handed && count + 1 >= MAX_DEATHS)
    .map(([item]) => ({ item, attempt: items.attempts[item] ?? 1 }))
}

function failLost(core: Core, item: ItemIndex, attempt: number): void {
  const message = `batchtop's supervisor died ${MAX_DEATHS} times while it ran`
  const thread = core.live.threads[0]?.thread ?? (1 as never)
  core.emit({ type: 'item.failed', item, thread, attempt, ms: millis(0), reason: { kind: 'lost', message } })
}
