import process from 'node:process'
import { ValueReader } from '../../journal/value-reader.ts'
import { BatchtopError, EXIT } from '../../model/errors.ts'
import type { ItemIndex } from '../../model/ids.ts'
import type { Plan } from '../../model/plan.ts'
import { batchOf, itemName } from '../../model/plan.ts'
import type { ItemLine } from '../../output/items.ts'
import { itemJson, itemLine, itemWidths } from '../../output/items.ts'
import { createSink } from '../../output/sink.ts'
import { suggestion } from '../../plan/suggest.ts'
import { becauseOf } from '../../run/state.ts'
import { runningItems } from '../feed.ts'
import type { ItemSource } from '../item-rows.ts'
import { matching, reasonOf, rowOf, undoOf } from '../item-rows.ts'
import { findSnapshot } from '../pictures.ts'
import type { Replica } from '../replica.ts'
import { loadReplica } from '../replica.ts'
import { findRun } from '../runs.ts'
import type { Session } from '../session.ts'
import { openRun } from '../session.ts'
import type { ItemsOptions } from '../verbs.ts'

/** Lines gathered into one write. */
const GATHERED = 500

/** Widths are measured over so many items: enough for a table that fits, and no walk over millions. */
const MEASURED = 10_000

export async function items(options: ItemsOptions): Promise<number> {
  const session = await openRun(await findRun(options, 'any'))
  const values = new ValueReader(session.folder)
  try {
    const replica = await loadReplica(session)
    checkBatch(replica.state.plan, options.batch)
    const snapshot = session.connection && (await findSnapshot(session.connection).catch(() => undefined))
    const source = { state: replica.state, running: runningItems(snapshot) }
    await printItems({ session, options, replica, source, values })
    return EXIT.ok
  } finally {
    await values.close()
    session.connection?.close()
  }
}

interface Printing {
  readonly session: Session
  readonly options: ItemsOptions
  readonly replica: Replica
  readonly source: ItemSource
  readonly values: ValueReader
}

async function printItems(printing: Printing): Promise<void> {
  const { session, options, source } = printing
  const sink = createSink(process.stdout)
  const { state, batch } = options
  const query = { ...(state ? { states: state } : {}), ...(batch === undefined ? {} : { batch }) }
  const widths = widthsOf(printing, query)
  let lines: string[] = []
  for (const item of matching(source, query)) {
    const line = await lineOf(printing, item)
    lines.push(`${options.json ? itemJson(session.info.run, line) : itemLine(line, widths)}\n`)
    if (lines.length < GATHERED) continue
    await sink.write(lines.join(''))
    if (sink.isBroken()) return
    lines = []
  }
  if (lines.length > 0) await sink.write(lines.join(''))
}

function widthsOf({ source, replica }: Printing, query: Parameters<typeof matching>[1]) {
  const names: string[] = []
  const { plan } = source.state
  for (const item of matching(source, query)) {
    const batch = batchOf(plan, item)
    names.push(itemName(batch, item - batch.first))
    if (names.length === MEASURED) break
  }
  const batches = plan.batches.map(({ id }) => id)
  return itemWidths({ items: plan.items, names, batches, hasMemory: replica.peaks.isKnown })
}

async function lineOf({ source, replica, values }: Printing, item: ItemIndex): Promise<ItemLine> {
  const row = rowOf(source, item)
  const because = becauseOf(source.state, item)
  const reason = reasonOf(source.state, item)
  const ref = replica.value(item)
  const undo = undoOf(source.state, item)
  const peak = replica.peaks.get(item)
  const value = ref && (await values.read(batchOf(source.state.plan, item).id, ref))
  return {
    ...row,
    ...(value === undefined ? {} : { value }),
    ...(peak === undefined ? {} : { peak }),
    ...(undo === undefined ? {} : { undo }),
    ...(because ? { why: { because } } : reason ? { why: { reason } } : {}),
  }
}

function checkBatch({ batches }: Plan, id: string | undefined): void {
  const ids = batches.map((batch) => batch.id)
  if (id === undefined || ids.includes(id)) return
  throw new BatchtopError('no-batch', `There is no batch ${id} in this run.`, {
    hint: suggestion(id, ids, 'batches'),
    exit: EXIT.notFound,
  })
}
