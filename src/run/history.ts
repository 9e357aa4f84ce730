/** A run's facts as its journal tells them, over every plan it had. For whoever reads journals: clients, and a supervisor that recovers. */
import type { JournaledEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { CarriedOver } from './carry-over.ts'
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

  /** Moves on by one durable event. @returns what became of the facts where the plan changed with it */
  apply(journaled: JournaledEvent): CarriedOver | undefined {
    reduce(this.#state, journaled.event, journaled.at)
    settle(this.#state, journaled)
    return undefined
  }
}
