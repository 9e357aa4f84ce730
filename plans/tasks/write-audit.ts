/**
 * Makes a table and a summary of the values of the batch `audit`. `with: { csv, summary }` says where, from the folder the item runs in.
 * What it returns is the sum of it all, as a value others can read.
 */
import type { Item, TaskContext } from 'batchtop/task'
import type { PackageAudit } from './lib/audit.ts'
import { toCsv } from './lib/csv.ts'
import { toSummary } from './lib/summary.ts'
import { writeWhole } from './lib/write-whole.ts'

export default async function writeAudit(_item: Item, context: TaskContext) {
  const { csv, summary } = readPaths(context.with)
  const audits: PackageAudit[] = []
  for await (const { value } of context.results('audit')) audits.push(value as PackageAudit)
  audits.sort((a, b) => (a.package < b.package ? -1 : 1))
  writeWhole(csv, toCsv(audits))
  writeWhole(summary, toSummary(audits))
  context.log(`${csv} and ${summary}: ${audits.length} packages`)
  return { packages: audits.length, bytes: audits.reduce((sum, { bytes }) => sum + bytes, 0), csv, summary }
}

function readPaths(given: TaskContext['with']): { readonly csv: string; readonly summary: string } {
  const { csv, summary } = (given ?? {}) as { readonly csv?: unknown; readonly summary?: unknown }
  if (typeof csv === 'string' && typeof summary === 'string') return { csv, summary }
  throw new TypeError('write-audit needs `with: { csv: FILE, summary: FILE }`')
}
