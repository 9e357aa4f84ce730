/**
 * Makes a table and a summary of the values of the batch `audit`. `with: { csv, summary }` says where, from the
 * folder the item runs in.
 */
import type { Item, TaskContext } from 'batchtop/task'
import type { PackageAudit } from './lib/audit.ts'
import { writeReport } from './lib/write-report.ts'

export default async function writeAudit(_item: Item, context: TaskContext) {
  const audits: PackageAudit[] = []
  for await (const { value } of context.results('audit')) audits.push(value as PackageAudit)
  const report = writeReport(context.with, audits)
  context.log(`${report.packages} packages: ${report.csv} and ${report.summary}`)
  return report
}
