import { LEAST_CHECKPOINT } from '../../model/plan.ts'
import type { CheckContext } from './context.ts'

/** Checkpoints are at least a second apart. */
export function checkCheckpoint({ plan, report }: CheckContext): void {
  if (plan.checkpoint === undefined || plan.checkpoint >= LEAST_CHECKPOINT) return
  report.error({
    rule: 'bad-checkpoint',
    at: { value: ['checkpoint'] },
    message: `Checkpoints are at least ${LEAST_CHECKPOINT / 1000} s apart.`,
    hint: 'Say 1s or more; left out it is 30m. What has ended is on disk at once, with or without checkpoints.',
  })
}
