/** The files a package brings: which there are, how large they are, and what may be expected of them. */
import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** JavaScript is compressed and parsed, the next two are parsed, text is read; the others are only counted and hashed. */
export type Kind = 'javascript' | 'typescript' | 'json' | 'text' | 'other'

export interface PackageFile {
  /** From the package's folder, separated by `/`. Bytes, because a name need not be UTF-8. */
  readonly path: Buffer
  /** The same for people. */
  readonly name: string
  readonly size: number
  readonly kind: Kind
}

const TEXTS = 'css flow html htm jsx less map md mdx markdown scss sh svg tsx txt xml yaml yml'.split(' ')
const BARE_TEXTS =
  /^(?:authors|changelog|changes|contributing|copying|history|licen[cs]e|notice|patents|readme|unlicense)\b/i

/**
 * All regular files in a package's folder, ordered by the bytes of their paths. Left out: folders named node_modules
 * at any depth, since what is in there are packages of their own, and symbolic links, which the registry does not
 * carry.
 */
export function listFiles(folder: string): readonly PackageFile[] {
  return walk(Buffer.from(folder), Buffer.alloc(0)).toSorted((a, b) => Buffer.compare(a.path, b.path))
}

function walk(folder: Buffer, inside: Buffer): readonly PackageFile[] {
  return readdirSync(folder, { encoding: 'buffer', withFileTypes: true }).flatMap((entry) => {
    const full = Buffer.concat([folder, Buffer.from('/'), entry.name])
    const path = inside.length === 0 ? entry.name : Buffer.concat([inside, Buffer.from('/'), entry.name])
    if (entry.isDirectory()) return entry.name.toString() === 'node_modules' ? [] : walk(full, path)
    if (!entry.isFile()) return []
    const name = path.toString()
    return [{ path, name, size: lstatSync(full).size, kind: kindOf(name) }]
  })
}

/** Where a file stands on disk. */
export function placeOf(folder: string, file: PackageFile): Buffer {
  return Buffer.concat([Buffer.from(join(folder, '/')), file.path])
}

function kindOf(name: string): Kind {
  const base = name.slice(name.lastIndexOf('/') + 1).toLowerCase()
  const extension = base.includes('.') ? base.slice(base.lastIndexOf('.') + 1) : ''
  if (/^[cm]?js$/.test(extension)) return 'javascript'
  if (/^[cm]?ts$/.test(extension)) return 'typescript'
  if (extension === 'json') return 'json'
  return TEXTS.includes(extension) || BARE_TEXTS.test(base) ? 'text' : 'other'
}
