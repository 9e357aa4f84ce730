/**
 * Files that match a pattern, by their exact names. Node's own search takes every name for UTF-8: bytes that are none become U+FFFD, several
 * files one, and what lies in such a folder is not found at all. Where it meets such a name, the folders are read again, as bytes.
 */
import type { Dirent } from 'node:fs'
import { glob, open, readdir, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { decodeName } from '../model/names.ts'

/** Files by their path from `cwd`, never folders. */
export async function globFiles(pattern: string, cwd: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  await gather({ pattern, cwd, prefix: '' }, names)
  return names
}

interface Search {
  readonly pattern: string
  readonly cwd: string
  /** What stands before the path of everything that is found. */
  readonly prefix: string
}

/** What Node reads where a name is no UTF-8. */
const UNKNOWN = '\ufffd'

async function gather({ pattern, cwd, prefix }: Search, names: Set<string>): Promise<void> {
  const ways = unfold(pattern).flatMap(waysInto)
  let isAnyOdd = false
  // One search tells both the files and whether any folder on the way has such a name.
  const patterns = [pattern, ...ways.flatMap(({ odd }) => odd)]
  for await (const entry of glob(patterns, { cwd, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.name.includes(UNKNOWN)) isAnyOdd = true
    else if (!(await isFolder(entry, path))) names.add(prefix + relative(cwd, path))
  }
  if (!isAnyOdd) return
  for (const { name, entry, path } of await oddEntries(pattern, cwd)) {
    if (!(await isFolder(entry, path))) names.add(prefix + name)
  }
  for (const { before, rest, isDeep } of ways) {
    for (const { name, entry, path } of await oddEntries(before, cwd)) {
      const isInto = isDeep ? entry.isDirectory() : await isFolder(entry, path)
      if (name.isWellFormed() || !isInto) continue
      // Node takes a folder by a text only: the open one has a name of digits. Systems without /proc refuse such names anyway.
      const folder = await open(path)
      const inside = { pattern: rest, cwd: `/proc/self/fd/${folder.fd}`, prefix: `${prefix}${name}/` }
      await gather(inside, names).finally(() => folder.close())
    }
  }
}

/** A part of a pattern that a folder may match, with what is asked of the paths in that folder. */
interface Way {
  /** The pattern up to this part, which it includes. */
  readonly before: string
  readonly rest: string
  /** True: it is `**`, which follows no links, so that it never goes round in circles. */
  readonly isDeep: boolean
  /** Patterns of all such folders that are no UTF-8. */
  readonly odd: readonly string[]
}

const MAGIC = /[*?[{(]/

function waysInto(pattern: string): readonly Way[] {
  const parts = pattern.split('/')
  return parts.flatMap((part, place) => {
    const isDeep = part === '**'
    // A part without magic is a name in the plan, and that is UTF-8.
    if (!MAGIC.test(part) || (place === parts.length - 1 && !isDeep)) return []
    const until = parts.slice(0, place + (isDeep ? 1 : 0))
    return {
      before: parts.slice(0, place + 1).join('/'),
      rest: parts.slice(place + (isDeep ? 0 : 1)).join('/'),
      isDeep,
      odd: [`*${UNKNOWN}*`, `.*${UNKNOWN}*`].map((name) => [...until, name].join('/')),
    }
  })
}

/** The same as several patterns, where braces hold slashes. Innermost braces first. */
function unfold(pattern: string): readonly string[] {
  const braces = /\{[^}]*\//.test(pattern) ? /\{[^{}]*,[^{}]*\}/.exec(pattern) : null
  if (!braces) return [pattern]
  const [text] = braces
  const behind = pattern.slice(braces.index + text.length)
  const parts = text.slice(1, -1).split(',')
  return parts.flatMap((part) => unfold(pattern.slice(0, braces.index) + part + behind))
}

interface OddEntry {
  /** Path from the folder that was searched. */
  readonly name: string
  readonly path: Buffer
  readonly entry: Kind
}

type Kind = Pick<Dirent, 'isDirectory' | 'isSymbolicLink'>

/** What stands behind the names that Node could not read. */
async function oddEntries(pattern: string, cwd: string): Promise<readonly OddEntry[]> {
  const found = new Map<string, Set<string>>()
  for await (const { parentPath, name } of glob(pattern, { cwd, withFileTypes: true })) {
    if (!name.includes(UNKNOWN)) continue
    found.set(parentPath, (found.get(parentPath) ?? new Set()).add(name))
  }
  const entries: OddEntry[] = []
  for (const [parent, names] of found) {
    for (const entry of await readdir(parent, { withFileTypes: true, encoding: 'buffer' })) {
      if (!names.has(entry.name.toString())) continue
      const path = Buffer.concat([Buffer.from(`${parent}/`), entry.name])
      entries.push({ name: join(relative(cwd, parent), decodeName(entry.name)), path, entry })
    }
  }
  return entries
}

async function isFolder(entry: Kind, path: string | Buffer): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory()
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}
