import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { closeNames } from '../close-names.ts'
import type { Path } from '../fields.ts'
import type { BatchInput } from '../schema.ts'
import { fixedCwd } from '../setting.ts'
import type { CheckContext } from './context.ts'

/** Folders to run in are there, and so are files that list items. */
export async function checkFolders({ plan, report, folder }: CheckContext): Promise<void> {
  const check = async ({ path, name, kind }: Named) => {
    const full = resolve(folder, name)
    const found = await stat(full).catch(() => undefined)
    if (kind === 'folder' ? found?.isDirectory() : found && !found.isDirectory()) return
    const message = found ? `\`${name}\` is no ${kind}.` : `There is no ${kind} \`${name}\` (${full}).`
    const hint = found ? undefined : await closeNames(full, name)
    report.error({ rule: kind === 'folder' ? 'missing-folder' : 'missing-file', at: { value: path }, message, hint })
  }
  await Promise.all(plan.batches.flatMap(named).map(check))
}

interface Named {
  readonly path: Path
  readonly name: string
  readonly kind: 'folder' | 'file'
}

function named(batch: BatchInput, place: number): Named[] {
  const { items } = batch
  const cwd = fixedCwd(batch)
  const folders: Named[] = cwd === undefined ? [] : [{ path: ['batches', place, 'cwd'], name: cwd, kind: 'folder' }]
  // Late items come from a file that something in the plan may make first.
  if (typeof items !== 'object' || Array.isArray(items) || ('late' in items && items.late)) return folders
  const path = ['batches', place, 'items']
  if ('file' in items) return [...folders, { path: [...path, 'file'], name: items.file, kind: 'file' }]
  return 'csv' in items ? [...folders, { path: [...path, 'csv'], name: items.csv, kind: 'file' }] : folders
}
