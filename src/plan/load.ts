/**
 * The way from a plan file to a plan that can run: read, parse, check, list the items, compile. All problems of a file are told at
 * once, each with its place; what the file cannot be blamed for (no such file, a bad option) is thrown. Commands and searches for
 * items run only when everything else is sound. May import model, yaml and zod; called by cli and supervisor.
 */
import { dirname } from 'node:path'
import type { Diagnostic } from '../model/diagnostic.ts'
import type { Plan } from '../model/plan.ts'
import { MAX_ITEMS } from '../model/plan.ts'
import { checkCheckpoint } from './check/checkpoint.ts'
import { checkCommands, checkListedCommands } from './check/commands.ts'
import type { CheckContext } from './check/context.ts'
import { checkCycles } from './check/cycles.ts'
import { checkEnv } from './check/env.ts'
import { checkExpectedMemory } from './check/expected-memory.ts'
import { checkFolders } from './check/folders.ts'
import { checkIds } from './check/ids.ts'
import { checkItems } from './check/items.ts'
import { checkMeantOtherwise } from './check/meant-otherwise.ts'
import { checkMemory } from './check/memory.ts'
import { checkOutputs } from './check/outputs.ts'
import { checkPhases } from './check/phases.ts'
import { checkPrograms } from './check/programs.ts'
import { checkReferences } from './check/references.ts'
import { checkRetry } from './check/retry.ts'
import { checkTasks } from './check/tasks.ts'
import { checkThreads } from './check/threads.ts'
import { checkWork } from './check/work.ts'
import { compile } from './compile.ts'
import { type Named, nameItems } from './name-items.ts'
import { badOption, checkOverrides, type LoadOptions } from './options.ts'
import { parseYaml } from './parse.ts'
import { nameOfFile } from './plan-name.ts'
import { readPlan } from './read-plan.ts'
import type { Report } from './report.ts'
import type { PlanInput } from './schema.ts'
import { selectBatches } from './select.ts'
import { checkShape } from './shape.ts'
import { sizePlan } from './sizing.ts'
import { suggestion } from './suggest.ts'

export type LoadResult =
  | {
      readonly ok: true
      readonly plan: Plan
      /** The file, verbatim. */
      readonly text: string
      readonly warnings: readonly Diagnostic[]
    }
  /** Errors and warnings, in the order of the file. */
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] }

const CHECKS = [
  checkIds,
  checkReferences,
  checkCycles,
  checkPhases,
  checkItems,
  checkWork,
  checkCommands,
  checkMeantOtherwise,
  checkThreads,
  checkMemory,
  checkExpectedMemory,
  checkRetry,
  checkCheckpoint,
  checkEnv,
  checkOutputs,
] as const

/** Those that look at files. */
const CHECKS_ON_DISK = [checkFolders, checkTasks, checkPrograms] as const

/**
 * Checks and compiles a plan file.
 * @param path as people gave it; diagnostics name the file by it. A real path where the text is given
 * @throws BatchtopError `plan-not-found`, `bad-option` (exit 2), `no-such-batch` (exit 4)
 */
export async function loadPlan(path: string, options: LoadOptions): Promise<LoadResult> {
  checkOverrides(options.overrides)
  const { text, path: real } = options.text === undefined ? await readPlan(path) : { text: options.text, path }
  const { report, value } = parseYaml(path, text.replace(/^\ufeff/, ''))
  const input = value === undefined ? undefined : checkShape(value, report)
  if (!input) return refused(report)
  const context: CheckContext = { plan: input, report, folder: dirname(real), options }
  for (const check of CHECKS) check(context)
  await Promise.all(CHECKS_ON_DISK.map((check) => check(context)))
  const sized = sizePlan(input, options)
  if (report.hasErrors || !sized.ok) return refused(report)
  checkPriority(input, options)
  const chosen = selectBatches(input, options.overrides)
  const named = await nameItems(chosen.batches, context.folder, report)
  checkCount(named, report)
  checkListedCommands(chosen.batches, named, report)
  if (report.hasErrors) return refused(report)
  const name = input.name ?? options.name ?? nameOfFile(path)
  const { overrides } = options
  const plan = compile({ path: real, name, plan: input, overrides, sizing: sized.sizing, chosen, named })
  return { ok: true, plan, text, warnings: report.diagnostics }
}

function refused(report: Report): LoadResult {
  return { ok: false, diagnostics: report.diagnostics }
}

/** A word of `--priority` is a word of the plan: anything else is a slip that would silently do nothing. */
function checkPriority(plan: PlanInput, { overrides }: LoadOptions): void {
  const known = new Set([...(plan.priority ?? []), ...plan.batches.flatMap(({ category }) => category ?? [])])
  for (const word of overrides.priority ?? []) {
    if (known.has(word)) continue
    throw badOption(`--priority: no batch is of category \`${word}\`.`, suggestion(word, [...known], 'categories'))
  }
}

function checkCount(named: readonly Named[], report: Report): void {
  const items = named.reduce((sum, { count }) => sum + count, 0)
  if (items === 0 && !named.some(({ late }) => late) && !report.hasErrors) {
    report.error({
      rule: 'no-items',
      at: { key: ['batches'] },
      message: 'There is nothing to do: no batch has an item.',
    })
  } else if (items > MAX_ITEMS) {
    const message = `The plan has ${items} items; at most ${MAX_ITEMS} fit.`
    report.error({ rule: 'too-many-items', at: { key: ['batches'] }, message, hint: 'Split it into several plans.' })
  }
}
