import { EXIT } from '../../model/errors.ts'
import { explainItem } from '../../schedule/explain.ts'
import { clean } from '../../view/fit.ts'
import { findItem } from '../items.ts'
import type { TargetOptions } from '../options.ts'
import { loadReplica } from '../replica.ts'
import { findRun } from '../runs.ts'
import { openRun } from '../session.ts'
import { print } from '../terminal.ts'

export async function why(name: string, options: TargetOptions): Promise<number> {
  const { connection, folder, plan } = await openRun(await findRun(options, 'any'))
  try {
    const item = findItem(plan, name)
    const answer = await connection?.send({ verb: 'explainItem', item }).catch(() => undefined)
    const text = answer?.ok ? answer.message : explainItem((await loadReplica(folder, plan)).state, item).join('\n')
    await print(`${text.split('\n').map(clean).join('\n')}\n`)
    return EXIT.ok
  } finally {
    connection?.close()
  }
}
