/** A run's facts, kept in this process from its journal: what a client knows that goes beyond the small picture of the socket. */
import type { JournalCursor } from '../journal/cursor.ts'
import { replayRun } from '../journal/reader.ts'
import type { RunInfo } from '../journal/run-info.ts'
import type { Connection } from '../link/client.ts'
import type { JournaledEvent, ValueRef } from '../model/event.ts'
import type { ItemIndex } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import { numberCount } from '../model/plan.ts'
import type { EventView } from '../model/snapshot.ts'
import type { CarriedOver } from '../run/carry-over.ts'
import { History } from '../run/history.ts'
import type { RunState } from '../run/state.ts'
import { STATUS } from '../run/state.ts'
import { ItemPeaks } from './item-peaks.ts'
import type { FoundLog } from './item-places.ts'
import { ItemPlaces, LogPlaces } from './item-places.ts'

export class Replica {
  readonly #history: History
  readonly #logs: LogPlaces
  #values: ItemPlaces
  #peaks: ItemPeaks

  /**
   * @param plans the run's compiled plans by version - 1
   * @param state facts to go on from, where what came before them cannot be read any more
   */
  constructor(plans: readonly Plan[], state?: RunState) {
    // A checkpoint does not say how long items took.
    state?.items.ms.fill(Number.NaN)
    this.#history = new History(plans, state)
    const numbers = numberCount(this.state.plan)
    this.#logs = new LogPlaces(numbers)
    this.#values = new ItemPlaces(numbers)
    this.#peaks = new ItemPeaks(numbers)
  }

  /** Its `plan` is the one that item and batch numbers of this moment belong to. Another object after a recovery. */
  get state(): RunState {
    return this.#history.state
  }

  /** Moves on by one event. @returns the event as a line could tell it, where it is worth one */
  apply(journaled: JournaledEvent): EventView | undefined {
    const { event, seq } = journaled
    const carried = this.#history.apply(journaled)
    if (carried) this.#carry(carried)
    else if (event.type === 'batch.listed') this.#grow(numberCount(this.state.plan))
    this.#logs.note(event)
    this.#peaks.note(event)
    if (event.type === 'items.succeeded' && event.values) {
      for (const [place, value] of event.values.entries()) {
        if (value) this.#values.set(event.items[place] as ItemIndex, { ...value, first: 0, second: 0 })
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

  /** Most memory of the attempts that ended last, where somebody looked. */
  get peaks(): Pick<ItemPeaks, 'get' | 'isKnown'> {
    return this.#peaks
  }

  #grow(numbers: number): void {
    this.#logs.grow(numbers)
    this.#peaks = this.#peaks.carried(numbers, (item) => item)
    this.#values = this.#values.carried(numbers, (item) => item)
  }

  #carry({ state, itemOf }: CarriedOver): void {
    const numbers = numberCount(state.plan)
    this.#logs.carry(numbers, itemOf)
    this.#peaks = this.#peaks.carried(numbers, itemOf)
    // What runs again has no value until then.
    this.#values = this.#values.carried(numbers, (old) => {
      const item = itemOf(old)
      return item !== undefined && state.items.status[item] === STATUS.succeeded ? item : undefined
    })
  }
}

/** What is needed to read a run's journal. */
export interface Replayable {
  readonly info: Pick<RunInfo, 'folder' | 'run'>
  readonly plans: readonly Plan[]
  /** While the run is live: nothing is told that is not durable. */
  readonly connection?: Pick<Connection, 'durable'> | undefined
}

/** The facts of a run that is over, or of a live one up to now. */
export async function loadReplica(run: Replayable): Promise<Replica> {
  const { replica, cursor } = await followReplica(run)
  await cursor.close()
  return replica
}

/**
 * The same, to be taken further.
 * @returns with the journal behind the facts; to be closed
 */
export async function followReplica(run: Replayable): Promise<{ replica: Replica; cursor: JournalCursor }> {
  const { info, plans, connection } = run
  const readable = { ...info, until: connection?.durable }
  const { taker: replica, cursor } = await replayRun(readable, plans, (state) => new Replica(plans, state))
  return { replica, cursor }
}
