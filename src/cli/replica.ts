/** A run's facts, kept in this process from its journal: what a client knows that goes beyond the small picture of the socket. */
import { readEvents } from '../journal/reader.ts'
import type { JournaledEvent, ValueRef } from '../model/event.ts'
import type { ItemIndex } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import type { EventView } from '../model/snapshot.ts'
import { reduce } from '../run/reduce.ts'
import { settle } from '../run/settle.ts'
import type { RunState } from '../run/state.ts'
import { createRunState } from '../run/state.ts'
import type { FoundLog } from './item-places.ts'
import { ItemPlaces, LogPlaces } from './item-places.ts'

export class Replica {
  readonly state: RunState
  readonly #logs: LogPlaces
  readonly #values: ItemPlaces

  constructor(plan: Plan) {
    this.state = createRunState(plan)
    this.#logs = new LogPlaces(plan.items)
    this.#values = new ItemPlaces(plan.items)
  }

  /** Moves on by one event. @returns the event as a line could tell it, where it is worth one */
  apply(journaled: JournaledEvent): EventView | undefined {
    const { event, at, seq } = journaled
    reduce(this.state, event, at)
    settle(this.state, journaled)
    this.#logs.note(event)
    if (event.type === 'items.succeeded') {
      for (const [place, item] of event.items.entries()) {
        const value = event.values?.[place]
        if (value) this.#values.set(item, { ...value, first: 0, second: 0 })
      }
    }
    const last = this.state.events.at(-1)
    return last?.seq === seq ? last : undefined
  }

  /** Output of the last attempt that has ended; undefined where it wrote none. */
  log(item: ItemIndex): FoundLog | undefined {
    return this.#logs.find(item)
  }

  value(item: ItemIndex): ValueRef | undefined {
    const found = this.#values.get(item)
    return found && { offset: found.offset, length: found.length }
  }
}

/** The facts of a run that is over, or of a live one up to now. */
export async function loadReplica(folder: string, plan: Plan): Promise<Replica> {
  const replica = new Replica(plan)
  for await (const journaled of readEvents(folder)) replica.apply(journaled)
  return replica
}
