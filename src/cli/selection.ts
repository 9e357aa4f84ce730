/** `--thread` and `--batch` of pause and resume. */
import type { ThreadSelection } from '../model/command.ts'
import { BatchtopError, EXIT } from '../model/errors.ts'
import { threadNumber } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import { suggestion } from '../plan/suggest.ts'
import type { SelectionOptions } from './verbs.ts'

/** @throws BatchtopError (exit 4) for a batch the plan does not have */
export function selectionOf(plan: Plan, { thread, batch }: SelectionOptions): ThreadSelection {
  const ids = plan.batches.map(({ id }) => id)
  if (batch !== undefined && !ids.includes(batch)) {
    throw new BatchtopError('no-batch', `There is no batch ${batch} in this run.`, {
      hint: suggestion(batch, ids, 'batches'),
      exit: EXIT.notFound,
    })
  }
  return {
    ...(thread === undefined ? {} : { threads: thread.map(threadNumber) }),
    ...(batch === undefined ? {} : { batch }),
  }
}
