/** A run's facts, kept in this process from its journal: what a client knows that goes beyond the small picture of the socket. */
import { readEvents } from '../journal/reader.ts'
import type { JournaledEvent, LogRef, ValueRef } from '../model/event.ts'
import type { ItemIndex, ThreadNumber } from '../model/ids.ts'
import { threadNumber } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import type { EventView } from '../model/snapshot.ts'
import { reduce } from '../run/reduce.ts'
import { settle } from '../run/settle.ts'
import type { RunState } from '../run/state.ts'
import { createRunState } from '../run/state.ts'

/** Where the output of an item's last ended attempt stands. */
export interface FoundLog {
  readonly thread: ThreadNumber
  readonly log: LogRef
}

export class Replica {
  readonly state: RunState
  readonly #logs: Places
  readonly #values: Places

  constructor(plan: Plan) {
    this.state = createRunState(plan)
    this.#logs = new Places(plan.items)
    this.#values = new Places(plan.items)
  }

  /** Moves on by one event. @returns the event as a line could tell it, where it is worth one */
  apply(journaled: JournaledEvent): EventView | undefined {
    const { event, at, seq } = journaled
    reduce(this.state, event, at)
    settle(this.state, journaled)
    if (event.type === 'items.succeeded') {
      for (const [place, item] of event.items.entries()) {
        this.#noteLog(item, event.thread, event.logs?.[place])
        const value = event.values?.[place]
        if (value) this.#values.set(item, { ...value, first: 0, second: 0 })
      }
    }
    if (event.type === 'item.failed' || event.type === 'item.retrying')
      this.#noteLog(event.item, event.thread, event.log)
    const last = this.state.events.at(-1)
    return last?.seq === seq ? last : undefined
  }

  /** Output of the last attempt that has ended; undefined where it wrote none. */
  log(item: ItemIndex): FoundLog | undefined {
    const found = this.#logs.get(item)
    if (!found) return undefined
    const { first, second, offset, length } = found
    return { thread: threadNumber(first), log: { file: second, offset, length } }
  }

  value(item: ItemIndex): ValueRef | undefined {
    const found = this.#values.get(item)
    return found && { offset: found.offset, length: found.length }
  }

  #noteLog(item: ItemIndex, thread: ThreadNumber, log: LogRef | null | undefined): void {
    if (log) this.#logs.set(item, { first: thread, second: log.file, offset: log.offset, length: log.length })
    else this.#logs.clear(item)
  }
}

/** The facts of a run that is over, or of a live one up to now. */
export async function loadReplica(folder: string, plan: Plan): Promise<Replica> {
  const replica = new Replica(plan)
  for await (const journaled of readEvents(folder)) replica.apply(journaled)
  return replica
}

interface Place {
  readonly first: number
  readonly second: number
  readonly offset: number
  readonly length: number
}

/** Places in files by item, as numbers: 20 bytes an item, and nothing at all for runs whose items have none. */
class Places {
  readonly #items: number
  #small: Uint32Array | undefined
  #offsets: Float64Array | undefined

  constructor(items: number) {
    this.#items = items
  }

  get(item: ItemIndex): Place | undefined {
    const [first = 0, second = 0, length = 0] = this.#small?.subarray(item * 3, item * 3 + 3) ?? []
    return length === 0 ? undefined : { first, second, length, offset: this.#offsets?.[item] ?? 0 }
  }

  set(item: ItemIndex, { first, second, offset, length }: Place): void {
    this.#small ??= new Uint32Array(this.#items * 3)
    this.#offsets ??= new Float64Array(this.#items)
    this.#small.set([first, second, length], item * 3)
    this.#offsets[item] = offset
  }

  clear(item: ItemIndex): void {
    this.#small?.fill(0, item * 3, item * 3 + 3)
  }
}
