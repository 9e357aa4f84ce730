/** One run as a client sees it: its folder, its plan, and a connection while it is live. */

import { followEvents } from '../journal/reader.ts'
import { readPlan } from '../journal/run-folder.ts'
import type { RunInfo } from '../journal/run-info.ts'
import { readRunInfo } from '../journal/run-info.ts'
import { Wake } from '../journal/wake.ts'
import type { Connection } from '../link/client.ts'
import { connect } from '../link/client.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { JournaledEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { KnownRun } from './runs.ts'

/** How long the supervisor of a run that has ended is waited for, so that the plan is free when the command returns. */
const FAREWELL_MS = 5000

export interface Session {
  readonly folder: string
  readonly info: RunInfo
  readonly plan: Plan
  /** Undefined: the run is not live (any more). */
  readonly connection: Connection | undefined
}

/** @throws BatchtopError `no-run` where the folder holds none */
export async function openSession(folder: string): Promise<Session> {
  const info = await readRunInfo(folder)
  if (!info) throw new BatchtopError('no-run', `${folder} holds no run.`, { exit: EXIT.notFound })
  const [plan, connection] = await Promise.all([readPlan(folder), connectIfLive(folder)])
  return { folder, info, plan, connection }
}

export async function openRun({ info, isLive }: KnownRun): Promise<Session> {
  const { folder } = info
  const connecting = isLive ? connectIfLive(folder) : Promise.resolve(undefined)
  const [plan, connection] = await Promise.all([readPlan(folder), connecting])
  return { folder, info, plan, connection }
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
}

/** Every event of the run until its last one; ends without a `run.finished` where the supervisor is lost. */
export async function* eventsOf(session: Session, { since = 0 }: EventsWanted = {}): AsyncGenerator<JournaledEvent> {
  const { connection, folder } = session
  const wake = new Wake()
  if (connection) {
    connection.onClose(() => wake.end())
    connection.follow((seq) => wake.push(seq))
  } else wake.end()
  yield* followEvents(folder, { since, wake, until: ({ event }) => event.type === 'run.finished' })
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
