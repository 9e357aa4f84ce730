/**
 * Lists the items of late batches when these may start: beside the loop, and found again by a recovery where it was cut short. What cannot be
 * listed fails as an item does, with a reason, logs of events and a retry: one item, named as the batch, stands for it.
 */
import type { BatchIndex } from '../model/ids.ts'
import { threadNumber } from '../model/ids.ts'
import type { ItemNames, LateItems } from '../model/plan.ts'
import { MAX_ITEMS, numberCount } from '../model/plan.ts'
import type { Reason } from '../model/reason.ts'
import type { Millis } from '../model/units.ts'
import { millis } from '../model/units.ts'
import type { Listing } from '../plan/list-items.ts'
import { batchState, isComplete } from '../run/state.ts'
import { endBatch } from './batches.ts'
import type { Core } from './core.ts'
import type { Input } from './input.ts'
import { missingColumns } from './missing-columns.ts'

/** Looks for the items, unless that is under way. Ends in the inbox, as `listed`. */
export function listLate(core: Core, index: BatchIndex): void {
  const { late } = core.batch(index)
  if (!late || core.listing.has(index) || isPaused(core)) return
  core.listing.add(index)
  const begun = core.clock.now()
  const found = (listing: Listing) =>
    core.post({ type: 'listed', batch: index, listing, ms: millis(Math.round(core.clock.now() - begun)) })
  look(core, late).then(found, (error: unknown) =>
    found({ ok: false, message: error instanceof Error ? error.message : String(error) }),
  )
}

/** What looks is loaded when it is needed: few plans have late batches, and every run would wait for it. */
async function look(core: Core, late: LateItems): Promise<Listing> {
  const { listItems } = await import('../plan/list-items.ts')
  return await listItems(withMarks(core, late), core.keepGroup)
}

/** A person who pauses everything does not want a command to start. */
function isPaused({ live }: Core): boolean {
  return live.threads.length > 0 && live.threads.every(({ pause }) => pause !== 'none')
}

/** What a dead supervisor left is told by these, also where the command made a session of its own. */
function withMarks({ run, state }: Core, late: LateItems): LateItems {
  if (late.kind !== 'command') return late
  const marks = { BATCHTOP_RUN: run, BATCHTOP_FOLDER: process.cwd(), BATCHTOP_EPOCH: String(state.epoch) }
  return { ...late, env: { ...late.env, ...marks } }
}

/** Nobody waits for it any more where the run is being stopped, or where its batch was skipped meanwhile. */
export function listed(core: Core, { batch: index, listing, ms }: Extract<Input, { type: 'listed' }>): void {
  core.listing.delete(index)
  const facts = batchState(core.state, index)
  if (core.isOver || core.state.draining !== 'no' || isComplete(facts.applied, facts.count)) return
  core.works.delete(index)
  core.checkpoints.atEnd = 'none'
  const found = checked(core, index, listing)
  if (found.ok) core.emit({ type: 'batch.listed', batch: index, names: namesOf(found), count: found.names.length })
  else fail(core, index, { reason: { kind: 'setup', message: messageOf(found) }, ms })
  endBatch(core, index)
  core.standing = undefined
}

/** What was not known when the plan was checked: how many items there are, and which columns a table has. */
function checked(core: Core, index: BatchIndex, listing: Listing): Listing {
  if (!listing.ok) return listing
  const items = numberCount(core.plan) + listing.names.length
  if (items > MAX_ITEMS) return { ok: false, message: `The run would have ${items} items; at most ${MAX_ITEMS} fit.` }
  const { columns = [] } = listing.table ?? {}
  const [missing] = listing.table ? missingColumns(core.batch(index), columns) : []
  if (missing === undefined) return listing
  const message = `Batch ${core.batch(index).id} uses {${missing}}, and its table has no such column.`
  return { ok: false, message, hint: `It has ${columns.join(', ')}.` }
}

type Found = Extract<Listing, { ok: true }>

function namesOf({ names, table }: Found): ItemNames {
  return { kind: 'list', names, ...(table ? { table } : {}) }
}

/** As reasons are: part of a sentence. */
function messageOf({ message, hint }: Exclude<Listing, Found>): string {
  const whole = hint === undefined ? message : `${message} ${hint}`
  return whole.replace(/\.$/, '')
}

function fail(core: Core, index: BatchIndex, { reason, ms }: { reason: Reason; ms: Millis }): void {
  const names: ItemNames = { kind: 'list', names: [core.batch(index).id] }
  core.emit({ type: 'batch.listed', batch: index, names, count: 1, isFailed: true })
  const { first: item } = core.batch(index)
  const attempt = core.state.items.attempts[item] ?? 1
  core.emit({ type: 'item.failed', item, thread: threadNumber(1), attempt, ms, reason })
}
