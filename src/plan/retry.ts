import type { Retry } from '../model/plan.ts'
import { millis } from '../model/units.ts'
import type { PlanInput } from './schema.ts'

type RetryInput = PlanInput['retry']

const ONCE: Retry = { attempts: 1, min: millis(2000), max: millis(60_000) }

/** Retries of a batch: its own fields before the plan's before the defaults. */
export function retryOf(own: RetryInput, plan: RetryInput): Retry {
  const never = own?.never ?? plan?.never
  return {
    attempts: own?.attempts ?? plan?.attempts ?? ONCE.attempts,
    min: own?.min ?? plan?.min ?? ONCE.min,
    max: own?.max ?? plan?.max ?? ONCE.max,
    ...(never === undefined ? {} : { never }),
  }
}
