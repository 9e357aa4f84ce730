/** Items that a folder, a file, a table or a command names: looked up when everything else in the plan is sound, or when a batch may start. */
import { readFile } from 'node:fs/promises'
import { assertNever } from '../model/errors.ts'
import { decodeName, encodeName } from '../model/names.ts'
import type { LateItems, Table } from '../model/plan.ts'
import { globFiles } from './glob-files.ts'
import type { KeepGroup } from './list-by-command.ts'
import { listByCommand } from './list-by-command.ts'
import { readTable } from './read-table.ts'

export type Listing =
  | {
      readonly ok: true
      readonly names: readonly string[]
      /** What else is known of each, by place. */
      readonly table?: Table
    }
  | { readonly ok: false; readonly message: string; readonly hint?: string }

/** Where names are looked up. Paths are absolute. */
export type Source = WithoutState<LateItems>

type WithoutState<Items> = Items extends unknown ? Omit<Items, 'isListed'> : never

/** Never throws: what cannot be read, or names an item twice, is told by the result. */
export async function listItems(source: Source, keep?: KeepGroup): Promise<Listing> {
  switch (source.kind) {
    case 'glob':
      return checked([...(await globFiles(source.pattern, source.cwd))].toSorted(byBytes))
    case 'file':
      return listByFile(source.path)
    case 'csv':
      return listByTable(source.path, source.id)
    case 'command': {
      const result = await listByCommand(source.command, source.cwd, source.env, keep)
      return result.ok ? checked(linesOf(result.output)) : result
    }
    default:
      return assertNever(source)
  }
}

async function listByFile(path: string): Promise<Listing> {
  const bytes = await readBytes(path)
  return bytes instanceof Error ? unreadable(path, bytes) : checked(linesOf(bytes))
}

async function listByTable(path: string, id: string | undefined): Promise<Listing> {
  const bytes = await readBytes(path)
  if (bytes instanceof Error) return unreadable(path, bytes)
  const read = await readTable(path, bytes, id)
  if (!read.ok) return read
  const { table, key } = read
  return { ok: true, names: table.rows.map((row) => row[key] ?? ''), table }
}

async function readBytes(path: string): Promise<Buffer | Error> {
  return readFile(path).catch((error: unknown) => error as Error)
}

function unreadable(path: string, error: Error): Listing {
  return { ok: false, message: `${path} cannot be read: ${error.message}.` }
}

const NEWLINE = 10
const RETURN = 13

/** Lines that are not empty, whatever their bytes. */
function linesOf(bytes: Uint8Array): readonly string[] {
  const lines: string[] = []
  for (let from = 0; from < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, from)
    const next = newline < 0 ? bytes.length : newline
    const end = newline > from && bytes[newline - 1] === RETURN ? newline - 1 : next
    if (end > from) lines.push(decodeName(bytes.subarray(from, end)))
    from = next + 1
  }
  return lines
}

function checked(names: readonly string[]): Listing {
  const seen = new Set<string>()
  for (const name of names) {
    if (name.includes('\0')) {
      return { ok: false, message: `The name of an item holds no NUL character: ${JSON.stringify(name)} does.` }
    }
    if (seen.has(name))
      return { ok: false, message: `${told(name)} comes twice; items of a batch have different names.` }
    seen.add(name)
  }
  return { ok: true, names }
}

/** A name in a message, on one line. */
function told(name: string): string {
  return /[\p{Cc}\p{Cs}]/u.test(name) ? JSON.stringify(name) : `\`${name}\``
}

/** Order of the bytes, the same on every machine: plain comparison but where a name has halves of surrogate pairs. */
function byBytes(a: string, b: string): number {
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(encodeName(a), encodeName(b))
  return a < b ? -1 : a > b ? 1 : 0
}

const SURROGATE = /[\ud800-\udfff]/
