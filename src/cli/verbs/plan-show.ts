import process from 'node:process'
import { EXIT } from '../../model/errors.ts'
import { planColumns, planHead, planRows, planText } from '../../output/plan.ts'
import { rankBatches } from '../../schedule/rank.ts'
import { loadAndTell } from '../load.ts'
import { loadTables } from '../load-screen.ts'
import type { PlanOptions, ShowOptions } from '../options.ts'
import { isTerminal, print, wantsColor } from '../terminal.ts'

export async function planShow(path: string, options: PlanOptions & ShowOptions): Promise<number> {
  const loaded = await loadAndTell(path, options)
  if (!loaded) return EXIT.usage
  const { plan } = loaded
  const order = rankBatches(plan)
  if (options.json) await print(`${JSON.stringify(plan)}\n`)
  else if (isTerminal()) {
    const { renderTable } = await loadTables()
    const look = { columns: process.stdout.columns || 80, color: wantsColor(options.color, process.stdout) }
    const rows = planRows(plan, order)
    const shown = rows.map((row) => Object.fromEntries(planColumns(rows).map((key) => [key, row[key]])))
    await print(`${planHead(plan)}\n${renderTable(shown, look)}\n`)
  } else await print(planText(plan, order))
  return EXIT.ok
}
