import { readdir, readFile, realpath } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import process from 'node:process'
import { BatchtopError, EXIT } from '../model/errors.ts'
import { closest } from './suggest.ts'

export interface PlanFile {
  /** Real path. */
  readonly path: string
  readonly text: string
}

/** @throws BatchtopError `plan-not-found` (exit 2) */
export async function readPlan(path: string): Promise<PlanFile> {
  try {
    const real = await realpath(path)
    return { path: real, text: await readFile(real, 'utf8') }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR'
    const reason = code === 'EISDIR' ? 'it is a folder' : error instanceof Error ? error.message : String(error)
    const message = isMissing ? `There is no plan file ${path}.` : `The plan file ${path} cannot be read: ${reason}.`
    const hint = await nearby(path, code === 'EISDIR' ? path : dirname(path))
    throw new BatchtopError('plan-not-found', message, {
      exit: EXIT.usage,
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    })
  }
}

/** Plan files that may have been meant: of this name or nearly, beside the path or in `plans/`. */
async function nearby(path: string, folder: string): Promise<string | undefined> {
  const folders = [folder, join(folder, 'plans'), 'plans']
  const found = new Map<string, string>()
  const listings = await Promise.all(folders.map((each) => readdir(each).catch(() => [])))
  for (const [index, names] of listings.entries()) {
    for (const name of names) if (/\.ya?ml$/.test(name)) found.set(join(folders[index] ?? '', name), stem(name))
  }
  const near = closest(stem(path), found.values())
  const meant = [...found].find(([, name]) => name === near)?.[0]
  if (meant !== undefined) return `Did you mean ${shown(meant)}?`
  const plans = [...new Set([...found.keys()].map(shown))]
  return plans.length === 0 ? undefined : `There are ${plans.slice(0, 5).join(', ')}.`
}

function stem(path: string): string {
  return basename(path).replace(/\.ya?ml$/, '')
}

function shown(path: string): string {
  const from = relative(process.cwd(), path)
  return from.startsWith('..') ? path : from
}
