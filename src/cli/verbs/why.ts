import { EXIT } from '../../model/errors.ts'
import type { ItemIndex } from '../../model/ids.ts'
import { explainItem, hasFailed } from '../../schedule/explain.ts'
import { clean } from '../../view/fit.ts'
import { currentPlan } from '../current-plan.ts'
import { findItem } from '../items.ts'
import { readTail } from '../log-tail.ts'
import { endedAttempts } from '../logs.ts'
import type { TargetOptions } from '../options.ts'
import { loadReplica } from '../replica.ts'
import { findRun } from '../runs.ts'
import type { Session } from '../session.ts'
import { openRun } from '../session.ts'
import { print } from '../terminal.ts'

interface Explained {
  readonly text: string
  readonly hasFailed: boolean
}

export async function why(name: string, options: TargetOptions): Promise<number> {
  const session = await openRun(await findRun(options, 'any'))
  try {
    const item = findItem(await currentPlan(session), name)
    const explained = (await askSupervisor(session, item)) ?? (await readJournal(session, item))
    const last = explained.hasFailed ? await lastOutput(session, item) : undefined
    const lines = [...explained.text.split('\n'), ...(last === undefined ? [] : [`Last output: ${last}`])]
    await print(`${lines.map(clean).join('\n')}\n`)
    return EXIT.ok
  } finally {
    session.connection?.close()
  }
}

async function askSupervisor({ connection }: Session, item: ItemIndex): Promise<Explained | undefined> {
  const answer = await connection?.send({ verb: 'explainItem', item }).catch(() => undefined)
  if (!answer?.ok) return undefined
  return { text: answer.message, ...(answer.data as unknown as Omit<Explained, 'text'>) }
}

async function readJournal(session: Session, item: ItemIndex): Promise<Explained> {
  const { state } = await loadReplica(session)
  return { text: explainItem(state, item).join('\n'), hasFailed: hasFailed(state, item) }
}

/** The last line that its last attempt wrote. */
async function lastOutput(session: Session, item: ItemIndex): Promise<string | undefined> {
  const { thread, log } = (await endedAttempts(session, item)).at(-1) ?? {}
  return thread === undefined || !log ? undefined : (await readTail(session.folder, { thread, log }, 1))[0]
}
