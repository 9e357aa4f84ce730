/** A run's plan with the items of late batches, as far as these are listed: only the journal knows. */
import type { Plan } from '../model/plan.ts'
import { loadReplica } from './replica.ts'
import type { Session } from './session.ts'

export async function currentPlan(session: Session): Promise<Plan> {
  return session.plan.hasLate ? (await loadReplica(session)).state.plan : session.plan
}
