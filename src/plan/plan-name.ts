import { basename } from 'node:path'
import { parseYaml } from './parse.ts'
import { readPlan } from './read-plan.ts'

/** What a plan is called that names itself nothing. */
export function nameOfFile(path: string): string {
  return basename(path).replace(/\.ya?ml$/, '')
}

/** The name of a plan, whatever may be wrong with the rest of it; undefined where nobody can tell. */
export async function readPlanName(path: string): Promise<string | undefined> {
  const file = await readPlan(path).catch(() => undefined)
  if (!file) return undefined
  const { value } = parseYaml(path, file.text.replace(/^\ufeff/, ''))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { name } = value as { readonly name?: unknown }
  return typeof name === 'string' && name !== '' ? name : nameOfFile(path)
}
