/**
 * What one installed package weighs: the item is its folder in node_modules, the value a `PackageAudit`
 * (lib/audit.ts). Runs in the folder that holds node_modules.
 */
import type { Item, TaskContext } from 'batchtop/task'
import { auditPackage, type PackageAudit } from './lib/audit.ts'

export default function auditItem(item: Item, { progress, tick }: TaskContext): PackageAudit {
  return auditPackage('node_modules', item.id, {
    step(fraction, file) {
      progress(fraction, file)
      tick()
    },
  })
}
