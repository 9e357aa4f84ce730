/** `retry` on a run that nobody works on any more: its supervisor is started again, in the background, with the items back in the queue. */
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { ItemIndex } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import { batchOf, isUnlisted, itemName } from '../model/plan.ts'
import { recoveredLine } from '../output/recovery.ts'
import { carryListings } from '../run/listing.ts'
import type { RunState } from '../run/state.ts'
import { STATUS } from '../run/state.ts'
import { clean } from '../view/fit.ts'
import { begin } from './begin.ts'
import { withKept } from './given.ts'
import { findItem } from './items.ts'
import { refusalError } from './launch.ts'
import { loadPlanOf } from './plan-of-run.ts'
import { stateDirOf } from './recover-run.ts'
import { loadReplica } from './replica.ts'
import type { KnownRun } from './runs.ts'
import { hasWorkLeft, howToGoOn } from './runs.ts'
import { openRun } from './session.ts'
import { print, say } from './terminal.ts'
import type { RetryOptions } from './verbs.ts'
import { goesOn } from './watch-lines.ts'

/** @param names of items; empty: all that failed */
export async function retryEnded(
  known: KnownRun,
  names: readonly string[],
  { changed = 'fail' }: RetryOptions,
): Promise<number> {
  const { info } = known
  const { state } = await loadReplica(await openRun(known))
  const { plan: before } = state
  if (names.length === 0 && !state.batches.some(({ durable }) => durable.failed > 0)) {
    await print('No item has failed.\n')
    if (hasWorkLeft(known)) say(howToGoOn(info))
    return EXIT.ok
  }
  // Before anything is loaded or started: a supervisor that has nothing to retry would go on with all the rest.
  const items = names.map((name) => findItem(before, name))
  refuseOthers(items, state, known)
  const options = withKept(info.options, { needs: true, color: true })
  const loaded = await loadPlanOf(info, options)
  if (!loaded) return EXIT.usage
  const now = carryListings(loaded.plan, before, changed === 'rerun' ? 'rerun' : 'keep')
  const wanted = names.length === 0 ? 'failed' : items.flatMap((item) => sameItem(item, before, now))
  const command = { verb: 'retryItems', items: wanted } as const
  const recover = { folder: info.folder, changed, command }
  const begun = await begin({ loaded, options, stateDir: stateDirOf(info), isForeground: false, recover })
  if ('ready' in begun) throw refusalError(begun)
  const { run, recovered, answer } = begun.reply
  if (recovered && recovered.requeued + recovered.new + recovered.gone > 0) say(recoveredLine(run, recovered))
  goesOn(run)
  if (answer && !answer.ok) throw new BatchtopError(answer.code, answer.message, answer)
  if (answer) await print(`${clean(answer.message)}\n`)
  return EXIT.ok
}

/** @throws BatchtopError `not-failed` (exit 2) as a live run would */
function refuseOthers(items: readonly ItemIndex[], state: RunState, known: KnownRun): void {
  const other = items.find(
    (item) => state.items.status[item] !== STATUS.failed && state.because.get(item)?.kind !== 'user',
  )
  if (other === undefined) return
  const batch = batchOf(state.plan, other)
  const name = clean(itemName(batch, other - batch.first))
  const hint = hasWorkLeft(known) ? { hint: howToGoOn(known.info) } : {}
  throw new BatchtopError('not-failed', `${name} has neither failed nor been skipped by a person.`, hint)
}

/** Numbers are places in the plan that the run had, and the plan may have changed since: an item is found by batch and name. */
function sameItem(item: ItemIndex, before: Plan, now: Plan): readonly ItemIndex[] {
  const batch = batchOf(before, item)
  const next = now.batches.find(({ id }) => id === batch.id)
  // Its batch is listed anew: that is the retry.
  if (next && isUnlisted(next) && next.count === 0) return []
  return [findItem(now, `${batch.id}:${itemName(batch, item - batch.first)}`)]
}
