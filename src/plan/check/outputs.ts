import { columnsOf } from '../columns.ts'
import { hasSlots, parseTemplate } from '../placeholders.ts'
import type { BatchInput } from '../schema.ts'
import { hasFolderOfItsOwn } from '../setting.ts'
import type { CheckContext } from './context.ts'

/** Outputs are paths, and each item has its own: of two items that share one, the failure of one removes what the other made. */
export function checkOutputs({ plan, report }: CheckContext): void {
  for (const [place, batch] of plan.batches.entries()) {
    for (const [index, path] of (batch.outputs ?? []).entries()) {
      const at = { value: ['batches', place, 'outputs', index] }
      if (path.includes('\0')) {
        report.error({ rule: 'bad-output', at, message: 'A path holds no NUL character.' })
      } else if (isShared(path, batch)) {
        const message = `All items of the batch make \`${path}\`: if one of them fails, what another made is removed.`
        report.warning({ rule: 'shared-output', at, message, hint: 'Put `{}` or another placeholder into it.' })
      }
    }
  }
}

function isShared(path: string, batch: BatchInput): boolean {
  const { items } = batch
  const isOne = items === undefined || (Array.isArray(items) && items.length < 2)
  return !isOne && !hasFolderOfItsOwn(batch) && !hasSlots(parseTemplate(path, columnsOf(items)))
}
