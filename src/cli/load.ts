/** A plan file with the command line's say over it, compiled for this machine; or its problems, told. */
import process from 'node:process'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Plan } from '../model/plan.ts'
import { wallTime } from '../model/units.ts'
import { invalidLines } from '../output/json.ts'
import { formatDiagnostics } from '../plan/format-diagnostic.ts'
import { loadPlan } from '../plan/load.ts'
import type { LoadOptions, Overrides } from '../plan/options.ts'
import { readMachine } from '../probe/machine.ts'
import type { PlanOptions, ShowOptions } from './options.ts'
import { print, say, wantsColor } from './terminal.ts'

export interface LoadedPlan {
  readonly plan: Plan
  /** The file, verbatim. */
  readonly text: string
  readonly warnings: readonly Diagnostic[]
}

/** What is known of a plan from elsewhere. */
export type Known = Pick<LoadOptions, 'text' | 'name'>

/** Tells what is wrong on standard error, with `--json` as lines on standard output; undefined where that is an error. */
export async function loadAndTell(
  path: string,
  options: PlanOptions & ShowOptions,
  known: Known = {},
): Promise<LoadedPlan | undefined> {
  const loaded = await loadPlan(path, { machine: readMachine(), overrides: overridesOf(options), ...known })
  const diagnostics = loaded.ok ? loaded.warnings : loaded.diagnostics
  if (options.json && !loaded.ok) {
    await print(
      invalidLines(diagnostics, wallTime(Date.now()))
        .map((line) => `${line}\n`)
        .join(''),
    )
  } else if (diagnostics.length > 0) {
    say(formatDiagnostics(diagnostics, { color: wantsColor(options.color, process.stderr) }))
  }
  return loaded.ok ? loaded : undefined
}

function overridesOf(options: PlanOptions): Overrides {
  const { threads, memoryPerThread, reserve, batchSize, priority, only, needs, retries, timeout } = options
  const { checkpointInterval: checkpoint } = options
  return {
    ...(threads === undefined ? {} : { threads }),
    ...(memoryPerThread === undefined ? {} : { memoryPerThread }),
    ...(reserve === undefined ? {} : { reserve }),
    ...(batchSize === undefined ? {} : { batchSize }),
    ...(priority === undefined ? {} : { priority }),
    ...(only === undefined ? {} : { only }),
    ...(needs ? {} : { noNeeds: true }),
    ...(retries === undefined ? {} : { retries }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(checkpoint === undefined ? {} : { checkpoint }),
  }
}
