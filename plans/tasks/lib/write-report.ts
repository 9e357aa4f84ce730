/** Puts the audit where people look for it. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { PackageAudit } from './audit.ts'
import { toCsv } from './csv.ts'
import { toSummary } from './summary.ts'

/** The sum of it all, as the value of the item that wrote it. */
type Report = { readonly packages: number; readonly bytes: number; readonly csv: string; readonly summary: string }

/**
 * Writes the table and the summary, in folders that are made where they are missing.
 * @param given `{ csv, summary }`, two paths
 * @throws TypeError where they are not given
 */
export function writeReport(given: unknown, audits: readonly PackageAudit[]): Report {
  const { csv, summary } = readPaths(given)
  const ordered = audits.toSorted((a, b) => (a.package < b.package ? -1 : 1))
  writeWhole(csv, toCsv(ordered))
  writeWhole(summary, toSummary(ordered))
  return { packages: ordered.length, bytes: ordered.reduce((sum, { bytes }) => sum + bytes, 0), csv, summary }
}

function readPaths(given: unknown): { readonly csv: string; readonly summary: string } {
  const { csv, summary } = (given ?? {}) as { readonly csv?: unknown; readonly summary?: unknown }
  if (typeof csv === 'string' && typeof summary === 'string') return { csv, summary }
  throw new TypeError('write-audit needs `with: { csv: FILE, summary: FILE }`')
}

/** Nobody ever sees half of a file: an older one is replaced in one step. */
function writeWhole(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  const unfinished = `${path}.${process.pid}.tmp`
  try {
    writeFileSync(unfinished, text)
    renameSync(unfinished, path)
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error
  }
}
