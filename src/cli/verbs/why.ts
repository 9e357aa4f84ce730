import { EXIT } from '../../model/errors.ts'
import { explainItem } from '../../schedule/explain.ts'
import { clean } from '../../view/fit.ts'
import { findItem } from '../items.ts'
import type { TargetOptions } from '../options.ts'
import { loadReplica } from '../replica.ts'
import { findRun } from '../runs.ts'
import type { Session } from '../session.ts'
import { openRun } from '../session.ts'
import { print } from '../terminal.ts'

export async function why(name: string, options: TargetOptions): Promise<number> {
  const session = await openRun(await findRun(options, 'any'))
  try {
    const text = (await askSupervisor(session, name)) ?? (await readJournal(session, name))
    await print(`${text.split('\n').map(clean).join('\n')}\n`)
    return EXIT.ok
  } finally {
    session.connection?.close()
  }
}

async function askSupervisor({ connection, plan }: Session, name: string): Promise<string | undefined> {
  const item = findItem(plan, name)
  const answer = await connection?.send({ verb: 'explainItem', item }).catch(() => undefined)
  return answer?.ok ? answer.message : undefined
}

async function readJournal(session: Session, name: string): Promise<string> {
  const { state } = await loadReplica(session)
  return explainItem(state, findItem(state.plan, name)).join('\n')
}
