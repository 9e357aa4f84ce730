/** The attempts of one item and what they wrote, from the journal and, for the one that runs, from its supervisor. */
import { readEvents } from '../journal/reader.ts'
import type { JournaledEvent, LogRef } from '../model/event.ts'
import type { ItemIndex, ThreadNumber } from '../model/ids.ts'
import { itemIndex } from '../model/ids.ts'
import { batchOf, itemName } from '../model/plan.ts'
import { placeOf } from '../run/match-items.ts'
import { readLog } from '../threads/logs.ts'
import { describeReason, leftBehind } from '../view/describe-event.ts'
import type { Session } from './session.ts'

export interface Attempt {
  readonly attempt: number
  readonly thread: ThreadNumber
  /** In words; `running` for the one that runs. */
  readonly how: string
  /** Undefined: it wrote nothing (yet). */
  readonly log: LogRef | undefined
}

/** Attempts of an item of the plan as it is now that have ended, in order. */
export async function endedAttempts(session: Session, item: ItemIndex): Promise<readonly Attempt[]> {
  const numbers = numbersOf(session, item)
  const attempts: Attempt[] = []
  let number = numbers[0]
  for await (const journaled of readEvents(session.folder, { until: session.connection?.durable })) {
    if (journaled.event.type === 'run.recovered') number = numbers[journaled.event.planVersion - 1]
    const attempt = number === undefined ? undefined : attemptIn(journaled, number)
    if (attempt) attempts.push(attempt)
  }
  return attempts
}

/** The item's number in every plan that the run had, by version - 1; undefined where the plan did not have it. */
function numbersOf({ plan, plans }: Session, item: ItemIndex): readonly (ItemIndex | undefined)[] {
  const batch = batchOf(plan, item)
  const name = itemName(batch, item - batch.first)
  return plans.map(({ batches }) => {
    const there = batches.find(({ id }) => id === batch.id)
    const place = there && placeOf(there, name)
    return place === undefined ? undefined : itemIndex((there?.first ?? 0) + place)
  })
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

/** The attempt that runs, if one does. */
export async function runningAttempt({ connection }: Session, item: ItemIndex): Promise<Attempt | undefined> {
  const answer = await connection?.send({ verb: 'locateLog', item }).catch(() => undefined)
  if (!answer?.ok) return undefined
  const { thread, attempt, log } = answer.data as unknown as Omit<Attempt, 'log'> & { readonly log: LogRef | null }
  return { thread, attempt, how: 'running', log: log ?? undefined }
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
