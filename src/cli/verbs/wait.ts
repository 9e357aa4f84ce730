import type { TargetOptions } from '../options.ts'
import { findRun } from '../runs.ts'
import { eventsOf, leaveEnded, openRun } from '../session.ts'
import { lost } from '../watch-lines.ts'

export async function wait(options: TargetOptions): Promise<number> {
  const session = await openRun(await findRun(options, 'any'))
  if (session.info.ended) return session.info.ended.exit
  const since = session.connection?.hello.durable ?? 0
  for await (const { event } of eventsOf(session, { since: Math.max(0, since - 1) })) {
    if (event.type !== 'run.finished') continue
    await leaveEnded(session)
    return event.exit
  }
  throw lost(session.info.run)
}
