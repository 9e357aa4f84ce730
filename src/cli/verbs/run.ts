import { EXIT } from '../../model/errors.ts'
import { planText } from '../../output/plan.ts'
import { rankBatches } from '../../schedule/rank.ts'
import { checkRunOptions } from '../check-options.ts'
import { decide } from '../last-run.ts'
import { launch } from '../launch.ts'
import type { LoadedPlan } from '../load.ts'
import { loadAndTell } from '../load.ts'
import type { RunOptions } from '../options.ts'
import { recoverRun } from '../recover-run.ts'
import { findStateDir } from '../state-dir.ts'
import { print, say } from '../terminal.ts'

export async function run(path: string, options: RunOptions): Promise<number> {
  checkRunOptions(options)
  const decision = options.dryRun ? ({ how: 'start' } as const) : await decide(path, options)
  if (decision.how === 'recover') return await recoverRun(decision.info, options)
  if (decision.how === 'cancel') {
    say('Nothing was started.')
    return EXIT.usage
  }
  const loaded = await loadAndTell(path, options)
  if (!loaded) return EXIT.usage
  if (options.dryRun) return await showPlan(loaded, options)
  const stateDir = findStateDir({ option: options.stateDir, from: loaded.plan.folder })
  return await launch({ loaded, options, stateDir })
}

async function showPlan({ plan }: LoadedPlan, { json }: RunOptions): Promise<number> {
  await print(json ? `${JSON.stringify(plan)}\n` : `would run ${planText(plan, rankBatches(plan))}`)
  return EXIT.ok
}
