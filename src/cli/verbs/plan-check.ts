import { EXIT } from '../../model/errors.ts'
import { planHead } from '../../output/plan.ts'
import { loadAndTell } from '../load.ts'
import type { PlanOptions, ShowOptions } from '../options.ts'
import { print } from '../terminal.ts'

export async function planCheck(path: string, options: PlanOptions & ShowOptions): Promise<number> {
  const loaded = await loadAndTell(path, options)
  if (!loaded) return EXIT.usage
  const { plan, warnings } = loaded
  if (options.json) {
    await print(`${JSON.stringify({ v: 1, plan: plan.name, file: plan.path, items: plan.items, warnings })}\n`)
  } else await print(`${path} is fine.\n${planHead(plan)}\n`)
  return EXIT.ok
}
