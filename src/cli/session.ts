/** One run as a client sees it: its folder, its plan, and a connection while it is live. */
import { join } from 'node:path'
import { readPlans } from '../journal/plan-files.ts'
import { followEvents } from '../journal/reader.ts'
import type { RunInfo } from '../journal/run-info.ts'
import { damagedRun, readRunInfo } from '../journal/run-info.ts'
import { Wake } from '../journal/wake.ts'
import type { Connection } from '../link/client.ts'
import { connect } from '../link/client.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { JournaledEvent, RunEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { Trouble } from '../model/snapshot.ts'
import type { KnownRun } from './runs.ts'

/** How long the supervisor of a run that has ended is waited for, so that the plan is free when the command returns. */
const FAREWELL_MS = 5000

export interface Session {
  readonly folder: string
  readonly info: RunInfo
  /** The plan as it is now. What the journal says may end with the one before: facts have their own. */
  readonly plan: Plan
  /** All that the run ever had, by version - 1. */
  readonly plans: readonly Plan[]
  /** Undefined: the run is not live (any more). */
  readonly connection: Connection | undefined
}

/** @throws BatchtopError `no-run` where the folder holds none */
export async function openSession(folder: string): Promise<Session> {
  const info = await readRunInfo(folder)
  if (!info) throw new BatchtopError('no-run', `${folder} holds no run.`, { exit: EXIT.notFound })
  return await sessionOf(info, connectIfLive(folder))
}

export async function openRun({ info, isLive }: KnownRun): Promise<Session> {
  return await sessionOf(info, isLive ? connectIfLive(info.folder) : Promise.resolve(undefined))
}

async function sessionOf(info: RunInfo, connecting: Promise<Connection | undefined>): Promise<Session> {
  const { folder, planVersion } = info
  const [plans, connection] = await Promise.all([readPlans(folder), connecting])
  const plan = plans[planVersion - 1]
  if (!plan) throw damagedRun(join(folder, `plan-${planVersion}.json`), new Error('it is missing'))
  return { folder, info, plan, plans, connection }
}

async function connectIfLive(folder: string): Promise<Connection | undefined> {
  try {
    return await connect(folder)
  } catch (error) {
    if (error instanceof BatchtopError && error.code === 'not-live') return undefined
    throw error
  }
}

export interface EventsWanted {
  readonly since?: number
  /** Called when the disk does not take the journal, which no event can say; undefined: it does again. */
  readonly troubled?: (trouble: Trouble | undefined) => void
}

/**
 * Every event of the run until its last one; ends without a `run.finished` where the supervisor is lost. A run that was continued may have
 * finished before.
 */
export async function* eventsOf(
  session: Session,
  { since = 0, troubled }: EventsWanted = {},
): AsyncGenerator<JournaledEvent> {
  const { connection, folder, info } = session
  const wake = new Wake()
  if (connection) {
    connection.onClose(() => wake.end())
    connection.follow((seq) => wake.push(seq), troubled)
  } else wake.end()
  // Who wants only what is new is in the present epoch already.
  let epoch = since > 0 ? info.epoch : 1
  const isLast = ({ event }: JournaledEvent): boolean => {
    if (event.type === 'run.recovered') ({ epoch } = event)
    return event.type === 'run.finished' && epoch >= info.epoch
  }
  yield* followEvents(folder, { since, wake, until: isLast })
}

/** The run's exit code by what was told up to an event: a run that was continued has none until it ends again. */
export function exitAfter(event: RunEvent, before: number | undefined): number | undefined {
  if (event.type === 'run.finished') return event.exit
  return event.type === 'run.recovered' ? undefined : before
}

/** Waits until the supervisor has let go of the run's plan, then gives the connection up. */
export async function leaveEnded({ connection }: Session): Promise<void> {
  if (!connection) return
  const { promise, resolve } = Promise.withResolvers<void>()
  connection.onClose(() => resolve())
  const timer = setTimeout(resolve, FAREWELL_MS)
  await promise
  clearTimeout(timer)
  connection.close()
}
