/** What one package weighs and whether it is in order. Ordinary tools can check every figure. */
import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import zlib from 'node:zlib'
import { isLicenceFile, judgeLicence, type Licence } from './licences.ts'
import { listFiles, type PackageFile, placeOf } from './package-files.ts'
import { findProblem } from './parse-check.ts'
import { createTreeHash } from './tree-hash.ts'

export type PackageAudit = {
  /** From node_modules, such as `ink`, `@types/node` or `foo/node_modules/bar`. */
  readonly package: string
  readonly version: string
  /** Regular files, those of nested packages left out. */
  readonly files: number
  /** Sum of their sizes (not of the disk blocks they take). */
  readonly bytes: number
  /** All .js, .mjs and .cjs files. */
  readonly javascript: JavaScriptSizes
  /** Of the whole tree, see tree-hash.ts. */
  readonly sha256: string
  readonly licence: Licence
  readonly unparsable: Findings
  readonly notUtf8: Findings
}

/** Bytes. Compressed: each file by itself, as a server would send it, then added up. */
type JavaScriptSizes = {
  readonly files: number
  readonly bytes: number
  /** `gzip -9n`: level 9, no name or time. (Another deflate than that program's may differ by some bytes a file.) */
  readonly gzip: number
  /** Quality 11, window 22 (4 MB): the most that web servers send. */
  readonly brotli: number
}

/** Files with something wrong. `first`: at most 20 of them, because a value may have 64 KB. */
type Findings = { readonly count: number; readonly first: readonly string[] }

export interface AuditHooks {
  /**
   * Called before each file, and every MiB of a large one. May throw to end the audit.
   * @param fraction of the work, 0 to 1
   */
  readonly step: (fraction: number, file: string) => void
}

/** What one byte of JavaScript costs against one that is only hashed: nearly all of it is brotli. */
const JAVASCRIPT_COST = 300

/** How much of a file that is only hashed is in memory at a time. */
const PIECE = 2 ** 20

const MOST_FINDINGS = 20

/**
 * @param folder the node_modules folder
 * @param name the package's folder in it
 * @throws Error where a file cannot be read, and whatever `step` throws
 */
export function auditPackage(folder: string, name: string, { step }: AuditHooks): PackageAudit {
  const root = join(folder, name)
  const files = listFiles(root)
  const total = files.reduce((sum, file) => sum + costOf(file), 1)
  const ledger = createLedger()
  let done = 0
  for (const file of files) {
    const onBytes = (bytes: number) => step((done + bytes) / total, file.name)
    onBytes(0)
    if (file.kind === 'other') ledger.addHash(file, hashPieces(placeOf(root, file), onBytes))
    else ledger.addContents(file, readFileSync(placeOf(root, file)))
    done += costOf(file)
  }
  return { package: name, ...ledger.close() }
}

function costOf({ kind, size }: PackageFile): number {
  return size * (kind === 'javascript' ? JAVASCRIPT_COST : 1)
}

/** Adds up a package, file by file in the order of their paths. */
function createLedger() {
  const tree = createTreeHash()
  const contents = createContents()
  let files = 0
  let bytes = 0
  const addHash = (file: PackageFile, { size, sha256 }: Hashed) => {
    files += 1
    bytes += size
    tree.add(file.path, sha256)
  }
  return {
    addHash,
    addContents(file: PackageFile, data: Buffer) {
      addHash(file, { size: data.length, sha256: createHash('sha256').update(data).digest('hex') })
      contents.add(file, data)
    },
    close: () => ({ files, bytes, sha256: tree.digest(), ...contents.close() }),
  }
}

/** Everything that is not just counting and hashing. */
function createContents() {
  const javascript = { files: 0, bytes: 0, gzip: 0, brotli: 0 }
  const unparsable: string[] = []
  const notUtf8: string[] = []
  const licences = new Map<string, string>()
  let manifest: unknown
  return {
    add({ name, kind }: PackageFile, data: Buffer) {
      const text = data.toString()
      const problem = findProblem(name, kind, text)
      if (problem !== undefined) unparsable.push(`${name}: ${problem}`)
      if (!isUtf8(data)) notUtf8.push(name)
      if (isLicenceFile(name)) licences.set(name, text)
      if (name === 'package.json' && problem === undefined) manifest = JSON.parse(text.replace(/^\uFEFF/, ''))
      if (kind !== 'javascript') return
      javascript.files += 1
      javascript.bytes += data.length
      javascript.gzip += zlib.gzipSync(data, { level: 9 }).length
      javascript.brotli += zlib.brotliCompressSync(data).length
    },
    close: () => ({
      version: versionOf(manifest),
      javascript,
      licence: judgeLicence(manifest, licences),
      unparsable: { count: unparsable.length, first: unparsable.slice(0, MOST_FINDINGS) },
      notUtf8: { count: notUtf8.length, first: notUtf8.slice(0, MOST_FINDINGS) },
    }),
  }
}

function versionOf(manifest: unknown): string {
  const version = typeof manifest === 'object' && manifest && 'version' in manifest ? manifest.version : undefined
  return typeof version === 'string' ? version : ''
}

type Hashed = { readonly size: number; readonly sha256: string }

/** A binary of a hundred MB need not be in memory whole. */
function hashPieces(place: Buffer, onBytes: (bytes: number) => void): Hashed {
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafe(PIECE)
  const descriptor = openSync(place, 'r')
  try {
    let size = 0
    for (let got = readSync(descriptor, piece); got > 0; got = readSync(descriptor, piece)) {
      hash.update(piece.subarray(0, got))
      size += got
      onBytes(size)
    }
    return { size, sha256: hash.digest('hex') }
  } finally {
    closeSync(descriptor)
  }
}
