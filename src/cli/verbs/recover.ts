import type { RecoverOptions } from '../options.ts'
import { recoverRun } from '../recover-run.ts'
import { findRuns } from '../runs.ts'
import { say } from '../terminal.ts'
import { chooseUnfinished } from '../unfinished.ts'

export async function recover(options: RecoverOptions): Promise<number> {
  const { info, plans } = chooseUnfinished(await findRuns(options), options.run)
  if (plans > 1) say(`The last runs of ${plans} plans have work left: this is the newest, ${info.run} of ${info.plan}.`)
  return await recoverRun(info, options)
}
