/** A folder with a plan file, task modules and whatever else a test needs; gone when the test ends. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Diagnostic } from '../../src/model/diagnostic.ts'
import type { Batch, Plan } from '../../src/model/plan.ts'
import { bytes } from '../../src/model/units.ts'
import { type LoadResult, loadPlan } from '../../src/plan/load.ts'
import type { LoadOptions, Overrides } from '../../src/plan/options.ts'

export const GB = 2 ** 30

export interface Setting {
  /** Files besides the plan, by path; `tasks/a.ts`, `tasks/b.mjs` and a package.json are always there. */
  readonly files?: Readonly<Record<string, string>>
  readonly overrides?: Overrides
  readonly cores?: number
  /** In GB. */
  readonly memory?: number
}

const ALWAYS = {
  'package.json': '{ "type": "module" }',
  'tasks/a.ts': 'export default (item: { id: string }): string => item.id\n',
  'tasks/b.mjs': 'export default (item) => item.id\n',
}

export function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'batchtop-plan-')))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

export function optionsOf({ overrides = {}, cores = 4, memory = 16 }: Setting = {}): LoadOptions {
  return { machine: { cores, memory: bytes(memory * GB) }, overrides }
}

/** Loads this text as plan.yaml. */
export async function load(text: string, setting: Setting = {}): Promise<LoadResult> {
  const folder = folderWith({ ...ALWAYS, ...setting.files, 'plan.yaml': text })
  return loadPlan(join(folder, 'plan.yaml'), optionsOf(setting))
}

/** The plan that comes of this text. Fails the test where it has problems. */
export async function planOf(text: string, setting: Setting = {}): Promise<Plan> {
  const result = await load(text, setting)
  if (!result.ok) throw new Error(result.diagnostics.map(told).join('\n'))
  return result.plan
}

/** The first batch of a plan that has this one line as batch, such as `id: a, items: [x]`. */
export async function batchOf(fields: string, setting: Setting = {}): Promise<Batch> {
  const { batches } = await planOf(`batches:\n  - { task: ./tasks/a.ts, ${fields} }\n`, setting)
  const [batch] = batches
  if (!batch) throw new Error('no batch')
  return batch
}

/** Problems as `rule line:column underlined text`, warnings with a `?` behind the rule. */
export async function problemsOf(text: string, setting: Setting = {}): Promise<readonly string[]> {
  return (await diagnosticsOf(text, setting)).map(told)
}

export async function diagnosticsOf(text: string, setting: Setting = {}): Promise<readonly Diagnostic[]> {
  const result = await load(text, setting)
  return result.ok ? result.warnings : result.diagnostics
}

function told({ severity, rule, line, column, length, text }: Diagnostic): string {
  const mark = severity === 'warning' ? '?' : ''
  return `${rule}${mark} ${line}:${column} ${text.slice(column - 1, column - 1 + length)}`
}
