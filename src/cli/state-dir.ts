/** Where runs are kept: `--state-dir`, `$BATCHTOP_STATE_DIR`, else `state/` in the project around a plan or the current folder. */
import { existsSync } from 'node:fs'
import path from 'node:path'

interface Places {
  /** `--state-dir`. */
  readonly option?: string | undefined
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Folder of the plan, or the current folder for verbs without a plan. */
  readonly from: string
}

/** @returns an absolute path; the folder need not exist */
export function findStateDir(places: Places): string {
  const given = named(places)
  return given === undefined ? path.join(projectFolder(places.from), 'state') : path.resolve(given)
}

/** Whether somebody said where: then runs elsewhere are not meant. */
export function isStateDirGiven(places: Places): boolean {
  return named(places) !== undefined
}

function named({ option, env = process.env }: Places): string | undefined {
  const given = option ?? env['BATCHTOP_STATE_DIR']
  return given === '' ? undefined : given
}

/** The nearest folder, from this one up, that holds a package.json or .git; this one where none does. */
function projectFolder(from: string): string {
  const start = path.resolve(from)
  let folder = start
  while (!['package.json', '.git'].some((name) => existsSync(path.join(folder, name)))) {
    const above = path.dirname(folder)
    if (above === folder) return start
    folder = above
  }
  return folder
}
