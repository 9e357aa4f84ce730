/** One picture of a run: of a live one from its supervisor, of any other from its journal. */
import type { Connection } from '../link/client.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { RunSnapshot } from '../model/snapshot.ts'
import { wallTime } from '../model/units.ts'
import { createLive } from '../run/live.ts'
import { snapshotOf } from '../run/snapshot.ts'
import { loadReplica } from './replica.ts'
import type { Session } from './session.ts'

/** @throws BatchtopError `not-live` where the supervisor goes away before it answers */
export async function findSnapshot(connection: Connection): Promise<RunSnapshot> {
  const { promise, resolve, reject } = Promise.withResolvers<RunSnapshot>()
  connection.watch({ snapshot: resolve, delta: () => undefined })
  connection.onClose(() => reject(new BatchtopError('not-live', 'The run has just ended.', { exit: EXIT.notFound })))
  return await promise
}

export async function pictureOf(session: Session): Promise<RunSnapshot> {
  const { connection, info } = session
  const live = connection && (await findSnapshot(connection).catch(() => undefined))
  if (live) return live
  const { state } = await loadReplica(session)
  return snapshotOf(state, createLive(state.plan.memory), {
    now: wallTime(Date.now()),
    stateDir: info.stateDir,
    isForeground: info.isForeground,
    blockedBy: () => [],
    isLive: false,
  })
}
