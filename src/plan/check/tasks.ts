import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { closeNames } from '../close-names.ts'
import type { Path } from '../fields.ts'
import type { BatchInput } from '../schema.ts'
import { stripProblem } from '../strip-types.ts'
import { type CheckContext, isReadable } from './context.ts'

interface TaskProblem {
  readonly rule: string
  readonly message: string
  readonly hint?: string | undefined
}

const KINDS = ['.ts', '.mts', '.js', '.mjs']

/** Task modules are there and Node can load them. That they export a task is seen when they run: loading one runs its code. */
export async function checkTasks({ plan, report, folder }: CheckContext): Promise<void> {
  const known = new Map<string, Promise<TaskProblem | undefined>>()
  const check = async ({ path, name }: NamedTask) => {
    const file = resolve(folder, name)
    const looked = known.get(file) ?? lookAt(file, name)
    known.set(file, looked)
    const problem = await looked
    if (problem) report.error({ ...problem, at: { value: path } })
  }
  await Promise.all(plan.batches.flatMap(tasksOf).map(check))
}

interface NamedTask {
  readonly path: Path
  readonly name: string
}

function tasksOf({ task, items = [] }: BatchInput, place: number): NamedTask[] {
  const own = task === undefined ? [] : [{ path: ['batches', place, 'task'], name: task }]
  const special = (Array.isArray(items) ? items : []).flatMap((item, index) =>
    typeof item === 'string' || item.task === undefined
      ? []
      : [{ path: ['batches', place, 'items', index, 'task'], name: item.task }],
  )
  return [...own, ...special].filter(({ name }) => isReadable(name))
}

async function lookAt(file: string, name: string): Promise<TaskProblem | undefined> {
  const found = await stat(file).catch(() => undefined)
  if (!found) {
    const hint = await closeNames(file, name)
    return { rule: 'missing-task', message: `There is no task module \`${name}\` (${file}).`, hint }
  }
  if (found.isDirectory()) return { rule: 'missing-task', message: `\`${name}\` is a folder, not a task module.` }
  const kind = extname(file)
  if (!KINDS.includes(kind)) {
    return { rule: 'task-kind', message: `\`${name}\` is no task module: it must end in ${KINDS.join(', ')}.` }
  }
  const text = await readFile(file, 'utf8').catch((error: Error) => error)
  if (typeof text !== 'string') return { rule: 'missing-task', message: `\`${name}\` cannot be read: ${text.message}.` }
  return kind.endsWith('ts') ? lookAtTypes(file, name, text) : undefined
}

async function lookAtTypes(file: string, name: string, text: string): Promise<TaskProblem | undefined> {
  if (/[\\/]node_modules[\\/]/.test(file)) {
    const message = `\`${name}\` lies under node_modules, where Node strips no types.`
    return { rule: 'task-kind', message, hint: 'Move it out of there, or build it to .js.' }
  }
  const problem = stripProblem(text)
  if (problem !== undefined) {
    const hint = 'Node strips types only: no enum, namespace, parameter property or decorator.'
    return { rule: 'task-types', message: `The types of \`${name}\` cannot be stripped: ${problem}.`, hint }
  }
  if (file.endsWith('.mts') || (await isInModulePackage(dirname(file)))) return undefined
  const message = `\`${name}\` is no ES module: no package.json above it says "type": "module".`
  return { rule: 'task-kind', message, hint: `Name it ${basename(file, '.ts')}.mts, or say so in a package.json.` }
}

/** True where the nearest package.json says that .ts and .js files are ES modules. */
async function isInModulePackage(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return dirname(folder) !== folder && isInModulePackage(dirname(folder))
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null && 'type' in parsed && parsed.type === 'module'
  } catch {
    return false
  }
}
