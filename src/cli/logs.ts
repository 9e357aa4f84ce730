/** The attempts of one item and what they wrote, from the journal and, for the one that runs, from its supervisor. */
import { readEvents } from '../journal/reader.ts'
import type { JournaledEvent, LogRef } from '../model/event.ts'
import type { ItemIndex, ThreadNumber } from '../model/ids.ts'
import { itemIndex } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import { batchOf, itemName } from '../model/plan.ts'
import { planAfter } from '../run/listing.ts'
import { placeOf } from '../run/match-items.ts'
import { readLog } from '../threads/logs.ts'
import { describeReason, leftBehind } from '../view/describe-event.ts'
import { currentPlan } from './current-plan.ts'
import type { Session } from './session.ts'

export interface Attempt {
  readonly attempt: number
  readonly thread: ThreadNumber
  /** In words; `running` for the one that runs. */
  readonly how: string
  /** Undefined: it wrote nothing (yet). */
  readonly log: LogRef | undefined
}

/** What of an item is meant: its own attempts, or the undos of those that failed for good, which have their numbers. */
export type AttemptKind = 'item' | 'undo'

/** Attempts of an item of the plan as it is now that have ended, in order. */
export async function endedAttempts(
  session: Session,
  item: ItemIndex,
  kind: AttemptKind = 'item',
): Promise<readonly Attempt[]> {
  const { batch, name } = await namesOf(session, item)
  const attempts: Attempt[] = []
  const undos: Attempt[] = []
  let [plan] = session.plans
  let number = plan && numberIn(plan, batch, name)
  for await (const journaled of readEvents(session.folder, { until: session.connection?.durable })) {
    const next = plan && planAfter(plan, journaled.event, session.plans)
    if (next !== plan) number = next && numberIn(next, batch, name)
    plan = next
    const attempt = number === undefined ? undefined : attemptIn(journaled, number)
    if (attempt) attempts.push(attempt)
    const undo = number === undefined ? undefined : undoIn(journaled, number, attempts.at(-1))
    if (undo) undos.push(undo)
  }
  return kind === 'undo' ? undos : attempts
}

async function namesOf(session: Session, item: ItemIndex): Promise<{ readonly batch: string; readonly name: string }> {
  const batch = batchOf(await currentPlan(session), item)
  return { batch: batch.id, name: itemName(batch, item - batch.first) }
}

/** The item's number in a plan that the run had; undefined where that does not have it. */
function numberIn({ batches }: Plan, id: string, name: string): ItemIndex | undefined {
  const batch = batches.find((one) => one.id === id)
  const place = batch && placeOf(batch, name)
  return batch && place !== undefined ? itemIndex(batch.first + place) : undefined
}

function attemptIn({ event }: JournaledEvent, item: ItemIndex): Attempt | undefined {
  if (event.type === 'items.succeeded') {
    const place = event.items.indexOf(item)
    if (place < 0) return undefined
    const { thread, attempts, logs, leftovers } = event
    const how = `succeeded${leftBehind(leftovers?.[place])}`
    return { thread, attempt: attempts[place] ?? 1, how, log: logs?.[place] ?? undefined }
  }
  if ((event.type === 'item.failed' || event.type === 'item.retrying') && event.item === item) {
    const { thread, attempt, reason, leftover, log } = event
    return { thread, attempt, how: `failed (${describeReason(reason)})${leftBehind(leftover)}`, log }
  }
  return undefined
}

function undoIn({ event }: JournaledEvent, item: ItemIndex, undone: Attempt | undefined): Attempt | undefined {
  if (event.type !== 'item.undone' || event.item !== item) return undefined
  const { thread, reason, log } = event
  const how = reason ? `failed (${describeReason(reason)})` : 'succeeded'
  return { thread, attempt: undone?.attempt ?? 1, how, log }
}

/** The attempt that runs, if one does. */
export async function runningAttempt(
  { connection }: Session,
  item: ItemIndex,
  kind: AttemptKind = 'item',
): Promise<Attempt | undefined> {
  const answer = await connection?.send({ verb: 'locateLog', item }).catch(() => undefined)
  if (!answer?.ok) return undefined
  const { thread, attempt, isUndo, log } = answer.data as unknown as Located
  if (isUndo !== (kind === 'undo')) return undefined
  return { thread, attempt, how: 'running', log: log ?? undefined }
}

/** As the supervisor says it. */
interface Located extends Omit<Attempt, 'how' | 'log'> {
  readonly isUndo: boolean
  readonly log: LogRef | null
}

/** The running attempt, else the last one. */
export async function findLog(session: Session, item: ItemIndex): Promise<Attempt | undefined> {
  return (await runningAttempt(session, item)) ?? (await endedAttempts(session, item)).at(-1)
}

/** All an attempt wrote, from a place in it on. */
export async function readWholeLog(folder: string, { thread, log }: Attempt, from = 0): Promise<Buffer> {
  if (!log || log.length <= from) return Buffer.alloc(0)
  return await readLog(folder, thread, { ...log, offset: log.offset + from, length: log.length - from })
}
