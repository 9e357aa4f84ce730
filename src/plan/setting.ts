/** Where the items of a batch run, and which variables they find: fixed, or different from item to item. */
import { resolve } from 'node:path'
import type { CommandWork } from '../model/plan.ts'
import { type Columns, columnsOf } from './columns.ts'
import { hasSlots, parseTemplate, plainText } from './placeholders.ts'
import type { BatchInput } from './schema.ts'

export type Setting = Pick<CommandWork, 'cwd' | 'env' | 'itemCwd' | 'itemEnv'>

/** True: its items run commands. Placeholders mean something in `cwd` and `env` only then. */
export function isCommandBatch({ task, run, items }: BatchInput): boolean {
  if (task !== undefined || run !== undefined) return run !== undefined
  for (const item of Array.isArray(items) ? items : []) {
    if (typeof item !== 'string' && (item.run ?? item.task) !== undefined) return item.task === undefined
  }
  return false
}

/** True: each of its items runs in another folder. */
export function hasFolderOfItsOwn(batch: BatchInput): boolean {
  return isCommandBatch(batch) && hasSlots(parseTemplate(batch.cwd ?? '', columnsOf(batch.items)))
}

/** The folder that all of its items run in, as it is written; undefined where the plan says none, or one for each item. */
export function fixedCwd(batch: BatchInput): string | undefined {
  const { cwd, items } = batch
  if (cwd === undefined || !isCommandBatch(batch)) return cwd
  const place = parseTemplate(cwd, columnsOf(items))
  return hasSlots(place) ? undefined : plainText(place)
}

/** @param folder the plan file's */
export function settingOf(batch: BatchInput, folder: string, columns: Columns): Setting {
  const { cwd = '.', env = {} } = batch
  if (!isCommandBatch(batch)) return { cwd: resolve(folder, cwd), env }
  const place = parseTemplate(cwd, columns)
  const values = Object.entries(env).map(([name, text]) => ({ name, value: parseTemplate(text, columns) }))
  const changing = values.filter(({ value }) => hasSlots(value)).map(({ name, value }) => [name, value] as const)
  const fixed = values
    .filter(({ value }) => !hasSlots(value))
    .map(({ name, value }) => [name, plainText(value)] as const)
  return {
    // A path with placeholders is put together for each item: `{//}` would not outlive being resolved.
    cwd: hasSlots(place) ? folder : resolve(folder, plainText(place)),
    env: Object.fromEntries(fixed),
    ...(hasSlots(place) ? { itemCwd: place } : {}),
    ...(changing.length > 0 ? { itemEnv: Object.fromEntries(changing) } : {}),
  }
}
