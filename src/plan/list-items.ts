/** Items that a folder, a file or a command names: looked up once, when everything else in the plan is sound. */
import { glob, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { listByCommand } from './list-by-command.ts'

export type Listing =
  | { readonly ok: true; readonly names: readonly string[] }
  | { readonly ok: false; readonly message: string; readonly hint?: string }

/** Files that match, by their path from `cwd`, sorted by bytes; folders never. */
export async function listByGlob(pattern: string, cwd: string): Promise<Listing> {
  const names = new Set<string>()
  for await (const entry of glob(pattern, { cwd, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isDirectory() || (entry.isSymbolicLink() && (await isFolder(path)))) continue
    names.add(relative(cwd, path))
  }
  return checked([...names].toSorted(byBytes))
}

/** Lines of a file; empty ones do not count. */
export async function listByFile(path: string): Promise<Listing> {
  try {
    return checked(linesOf(await readFile(path, 'utf8')))
  } catch (error) {
    return { ok: false, message: `${path} cannot be read: ${(error as Error).message}.` }
  }
}

/** Lines that a command prints; empty ones do not count. */
export async function listFromCommand(
  command: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Listing> {
  const result = await listByCommand(command, cwd, env)
  return result.ok ? checked(linesOf(result.output)) : result
}

function linesOf(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line) => line !== '')
}

function checked(names: readonly string[]): Listing {
  const seen = new Set<string>()
  for (const name of names) {
    if (/[\n\0]/.test(name)) {
      return {
        ok: false,
        message: `The name of an item is one line without NUL characters: ${JSON.stringify(name)} is not.`,
      }
    }
    if (seen.has(name)) return { ok: false, message: `\`${name}\` comes twice; items of a batch have different names.` }
    seen.add(name)
  }
  return { ok: true, names }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/** Order of the UTF-8 bytes, the same on every machine: plain comparison but for characters beyond the first 65 536. */
function byBytes(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b))
  return a < b ? -1 : a > b ? 1 : 0
}

const SURROGATE = /[\ud800-\udfff]/
