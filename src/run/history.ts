/** A run's facts as its journal tells them, over every plan it had. For whoever reads journals: clients, and a supervisor that recovers. */
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { JournaledEvent, RunEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { CarriedOver } from './carry-over.ts'
import { carryOver } from './carry-over.ts'
import { listingsOf, withListings } from './listing.ts'
import { reduce } from './reduce.ts'
import { settle } from './settle.ts'
import type { RunState } from './state.ts'
import { createRunState } from './state.ts'

export class History {
  readonly #plans: readonly Plan[]
  #state: RunState

  /**
   * @param plans the run's compiled plans by version - 1
   * @param state facts to go on from; left out: those before anything happened. They are changed.
   */
  constructor(plans: readonly Plan[], state?: RunState) {
    this.#plans = plans
    this.#state = state ?? createRunState(plans[0] as Plan)
  }

  /** Another object after a recovery with another plan: read it anew. */
  get state(): RunState {
    return this.#state
  }

  /**
   * Moves on by one durable event.
   * @throws BatchtopError `plan-unknown`
   * @returns what became of the facts where the plan changed with it
   */
  apply(journaled: JournaledEvent): CarriedOver | undefined {
    const { event, at } = journaled
    const carried = event.type === 'run.recovered' ? this.#changePlan(event) : undefined
    reduce(this.#state, event, at)
    settle(this.#state, journaled)
    return carried
  }

  #changePlan({ planVersion, changed }: Extract<RunEvent, { type: 'run.recovered' }>): CarriedOver | undefined {
    const plan = this.#plans[planVersion - 1]
    if (!plan) throw unknownPlan(planVersion)
    if (planVersion === this.#state.planVersion) {
      // What it says about other things than items may be newer than what the facts were unpacked with.
      this.#state.plan = withListings(plan, listingsOf(this.#state.plan))
      return undefined
    }
    const carried = carryOver(this.#state, plan, changed)
    this.#state = carried.state
    return carried
  }
}

function unknownPlan(version: number): BatchtopError {
  return new BatchtopError(
    'plan-unknown',
    `The run goes on with version ${version} of its plan, which was not there yet.`,
    {
      hint: 'It was recovered meanwhile: ask again.',
      exit: EXIT.bug,
    },
  )
}
