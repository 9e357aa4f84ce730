/** The plan that a run goes on with: from where it was, as it is now. */
import { access } from 'node:fs/promises'
import { readPlanText } from '../journal/plan-files.ts'
import type { RunInfo } from '../journal/run-info.ts'
import { BatchtopError } from '../model/errors.ts'
import type { LoadedPlan } from './load.ts'
import { loadAndTell } from './load.ts'
import type { StartOptions } from './options.ts'
import { say } from './terminal.ts'

/**
 * Tells what is wrong with the plan; undefined where that is an error.
 * @throws BatchtopError `plan-renamed`, `plan-moved` (exit 2) where it is another plan by now
 */
export async function loadPlanOf(info: RunInfo, options: StartOptions): Promise<LoadedPlan | undefined> {
  const { folder, run, plan: name, planPath, planVersion } = info
  const isThere = await access(planPath).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  )
  if (!isThere) say(`batchtop: ${planPath} is gone: going on with the copy of it that run ${run} keeps.`)
  const text = isThere ? {} : { text: await readPlanText(folder, planVersion) }
  const loaded = await loadAndTell(planPath, options, { name, ...text })
  if (loaded) checkIdentity(info, loaded)
  return loaded
}

/** A plan is the same plan while its file stays where it is and keeps its name. */
function checkIdentity({ run, plan, planPath }: RunInfo, { plan: now }: LoadedPlan): void {
  if (now.name !== plan) {
    throw new BatchtopError('plan-renamed', `${planPath} is called ${now.name} now; run ${run} is of ${plan}.`, {
      hint: `Put \`name: ${plan}\` back to go on with this run, or start a new one: batchtop run ${planPath}`,
    })
  }
  if (now.path !== planPath) {
    throw new BatchtopError('plan-moved', `${planPath} leads to ${now.path} now; run ${run} is of the file before.`, {
      hint: `Put the file itself back to go on with this run, or start a new one: batchtop run ${now.path}`,
    })
  }
}
