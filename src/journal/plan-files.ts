/**
 * A run's compiled plans. Version 1, the plan of the start, is plan.json, plan.yaml (the plan file, verbatim) and items.list (lists of
 * names as JSON, one a line; of a table `[name, cell, …]`); a recovery with a changed plan adds plan-<n>.json, plan-<n>.yaml and items-<n>.list.
 */
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Batch, Plan } from '../model/plan.ts'
import { hasCode, replaceFile, syncFolder } from './disk.ts'
import { damagedRun, readRunInfo } from './run-info.ts'

interface PlanVersion {
  /** From 1. */
  readonly version: number
  readonly plan: Plan
  /** The plan file, verbatim. */
  readonly planText: string
}

/** Where the names of a listed batch stand in items.list. */
interface Listed {
  readonly kind: 'list'
  readonly from: number
  /** Names of the columns, where each line has a row behind its name. */
  readonly columns?: readonly string[]
}

interface PlanFiles {
  readonly plan: string
  readonly text: string
  readonly names: string
}

function filesOf(folder: string, version: number): PlanFiles {
  const suffix = version === 1 ? '' : `-${version}`
  const [plan = '', text = '', names = ''] = ['plan?.json', 'plan?.yaml', 'items?.list'].map((name) =>
    join(folder, name.replace('?', suffix)),
  )
  return { plan, text, names }
}

type Write = (path: string, text: string) => Promise<void>

/** The compiled plan comes last: with it the version is there. */
export async function writePlan(folder: string, { version, plan, planText }: PlanVersion, write: Write): Promise<void> {
  const files = filesOf(folder, version)
  const { stored, lines } = withoutNames(plan)
  if (lines.length > 0) await write(files.names, `${lines.join('\n')}\n`)
  await write(files.text, planText)
  await write(files.plan, `${JSON.stringify(stored)}\n`)
}

/**
 * Keeps a plan that a recovery goes on with. Durable; overwrites what a recovery left that did not get to its first event.
 * @param version from 2
 */
export async function writePlanVersion(folder: string, version: number, plan: Plan, planText: string): Promise<void> {
  // Gone for good before its names are another's.
  await rm(filesOf(folder, version).plan, { force: true })
  await syncFolder(folder)
  await writePlan(folder, { version, plan, planText }, replaceFile)
}

/** Lists of names stand in a file of their own, a line each. */
function withoutNames(plan: Plan): { stored: object; lines: string[] } {
  const lines: string[] = []
  const batches = plan.batches.map((batch) => {
    if (batch.names.kind !== 'list') return batch
    const { names, table } = batch.names
    const from = lines.length
    for (const [place, name] of names.entries())
      lines.push(JSON.stringify(table ? [name, ...(table.rows[place] ?? [])] : name))
    const listed: Listed = { kind: 'list', from, ...(table && { columns: table.columns }) }
    return { ...batch, names: listed }
  })
  return { stored: { ...plan, batches }, lines }
}

/**
 * The compiled plan a run has now, as its run.json says. The facts of a run whose last recovery was cut short may belong to the one before:
 * who reads the journal takes `readPlans`.
 */
export async function readPlan(folder: string): Promise<Plan> {
  const info = await readRunInfo(folder)
  return await readVersion(folder, info?.planVersion ?? 1)
}

/** All compiled plans of a run, by version - 1. */
export async function readPlans(folder: string): Promise<readonly Plan[]> {
  const names = new Set(await readdir(folder))
  const plans = [await readVersion(folder, 1)]
  while (names.has(`plan-${plans.length + 1}.json`)) plans.push(await readVersion(folder, plans.length + 1))
  return plans
}

/** The plan file of a version, verbatim. */
export async function readPlanText(folder: string, version: number): Promise<string> {
  return await readFile(filesOf(folder, version).text, 'utf8')
}

async function readVersion(folder: string, version: number): Promise<Plan> {
  const files = filesOf(folder, version)
  try {
    const stored = JSON.parse(await readFile(files.plan, 'utf8')) as Plan
    const isListed = stored.batches.some(({ names, count }) => names.kind === 'list' && count > 0)
    const lines = isListed ? (await readFile(files.names, 'utf8')).split('\n') : []
    return { ...stored, batches: stored.batches.map((batch) => withNames(batch, lines)) }
  } catch (error) {
    if (error instanceof SyntaxError || (error instanceof Error && hasCode(error, 'ENOENT'))) {
      throw damagedRun(files.plan, error)
    }
    throw error
  }
}

function withNames(batch: Batch, all: readonly string[]): Batch {
  if (batch.names.kind !== 'list') return batch
  const { from, columns } = batch.names as unknown as Listed
  const lines = all.slice(from, from + batch.count)
  if (!columns) return { ...batch, names: { kind: 'list', names: lines.map(readName) } }
  const cells = lines.map((line) => JSON.parse(line) as readonly [string, ...string[]])
  const table = { columns, rows: cells.map((row) => row.slice(1)) }
  return { ...batch, names: { kind: 'list', names: cells.map(([name]) => name), table } }
}

/** Most names hold nothing that JSON would write otherwise. */
function readName(line: string): string {
  return line.includes('\\') ? (JSON.parse(line) as string) : line.slice(1, -1)
}
