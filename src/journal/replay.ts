/** A run's facts from its journal: what `status`, `items` and `why` read where no supervisor can be asked. */
import type { JournaledEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import { reduce } from '../run/reduce.ts'
import { settle } from '../run/settle.ts'
import type { RunState } from '../run/state.ts'
import { createRunState } from '../run/state.ts'
import { readEvents } from './reader.ts'
import { readPlan } from './run-folder.ts'

/** @param seen called with every event on the way, for whoever needs more than the state keeps */
export async function replayRun(
  folder: string,
  seen?: (event: JournaledEvent) => void,
): Promise<{ plan: Plan; state: RunState }> {
  const plan = await readPlan(folder)
  const state = createRunState(plan)
  for await (const journaled of readEvents(folder)) {
    reduce(state, journaled.event, journaled.at)
    settle(state, journaled)
    seen?.(journaled)
  }
  return { plan, state }
}
