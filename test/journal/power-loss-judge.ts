/** Holds what the reading side makes of every state a power loss may leave against what had been promised. */
import { cpSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { Disk } from '../../src/journal/disk.ts'
import { readEvents } from '../../src/journal/reader.ts'
import { restore } from '../../src/journal/restore.ts'
import type { RunInfo } from '../../src/journal/run-info.ts'
import { ValueReader } from '../../src/journal/value-reader.ts'
import type { RunEvent, ValueRef } from '../../src/model/event.ts'
import type { ItemIndex } from '../../src/model/ids.ts'
import { History } from '../../src/run/history.ts'
import { freezeFacts } from '../../src/run/pack.ts'
import type { RunState } from '../../src/run/state.ts'
import { scratchFolder } from '../helpers/scratch.ts'
import type { CrashState } from './power-loss.ts'
import { fingerprint, Leftovers } from './power-loss.ts'
import type { Lived, Place } from './power-loss-life.ts'
import { NOW, packed, plan, valueOf } from './power-loss-life.ts'

export interface Verdict {
  /** Crash states; those that leave the same files and promise less are looked at once. */
  readonly states: number
  /** What is wrong, at most so much of it. */
  readonly faults: readonly string[]
}

const MOST_FAULTS = 20

/** @param after only where the power fails after so many operations */
export async function judge({ place, disk, events }: Lived, after = 0): Promise<Verdict> {
  const { states, different } = differentStates(disk.crashStates(after))
  const folder = await scratchFolder()
  cpSync(place.folder, folder, { recursive: true })
  const judging = new Judge({ ...place, folder }, events)
  const faults: string[] = []
  for (const state of different) {
    const fault = await judging.fault(state)
    if (fault !== undefined) faults.push(`${state.name}: ${fault}`)
    if (faults.length === MOST_FAULTS) break
  }
  return { states, faults }
}

export function differentStates(all: Iterable<CrashState<number>>): {
  readonly states: number
  readonly different: readonly CrashState<number>[]
} {
  const byFiles = new Map<string, CrashState<number>>()
  let states = 0
  for (const state of all) {
    states += 1
    const key = fingerprint(state.files)
    // Of the same files the highest promise is the hardest to keep.
    if (state.promised >= (byFiles.get(key)?.promised ?? 0)) byFiles.set(key, state)
  }
  return { states, different: [...byFiles.values()] }
}

class Judge {
  readonly #place: Place
  readonly #leftovers: Leftovers
  readonly #events: readonly RunEvent[]
  readonly #facts: readonly string[]

  constructor(place: Place, events: readonly RunEvent[]) {
    this.#place = place
    this.#leftovers = new Leftovers(place.folder)
    this.#events = events
    this.#facts = factsAfterEach(events)
  }

  /** What a recovery would find wrong; undefined: all is as it was promised. */
  async fault({ files, promised }: CrashState<number>): Promise<string | undefined> {
    this.#leftovers.put(files)
    const { folder, run } = this.#place
    try {
      const { seq, state, notes } = await restore(folder, { run } as RunInfo, readsOnly)
      if (notes.length > 0) return notes.join()
      if (seq < promised) return `lost: ${promised} events were promised, ${seq} are left`
      if (factsOf(state) !== this.#facts[seq]) return `wrong: the facts are not those after event ${seq}`
      return await this.#faultOfEvents(seq)
    } catch (error) {
      return `unreadable: ${String(error)}`
    }
  }

  /** Of the events one by one, and the values they name. */
  async #faultOfEvents(until: number): Promise<string | undefined> {
    const named: { readonly item: ItemIndex; readonly ref: ValueRef; readonly batch: number }[] = []
    let last = 0
    for await (const { seq, event } of readEvents(this.#place.folder)) {
      last += 1
      if (seq !== last || !isDeepStrictEqual(event, this.#events[seq - 1])) return `wrong: event ${seq}`
      if (event.type !== 'items.succeeded') continue
      named.push({ item: event.items[0] as ItemIndex, ref: event.values?.[0] as ValueRef, batch: event.batch })
    }
    if (last !== until) return `wrong: ${last} events, restored up to ${until}`
    const values = new ValueReader(this.#place.folder)
    try {
      for (const { item, ref, batch } of named.toSorted((left, right) => left.batch - right.batch)) {
        if ((await values.read(plan.batches[batch]?.id ?? '', ref)) !== valueOf(item)) return `wrong: value of ${item}`
      }
    } finally {
      await values.close()
    }
    return undefined
  }
}

function factsAfterEach(events: readonly RunEvent[]): string[] {
  const history = new History([plan])
  return [undefined, ...events].map((event, seq) => {
    if (event) history.apply({ seq, at: NOW, event })
    return factsOf(history.state)
  })
}

function factsOf(state: RunState): string {
  // A checkpoint has what was durable when it was taken for these two, which only pictures show.
  const { seq: _, events: __, ...facts } = packed(freezeFacts(state))
  return JSON.stringify(facts)
}

/** Recovers, but leaves the files alone. */
const readsOnly: Disk = {
  open: () => Promise.resolve({ write: nothing, truncate: nothing, sync: nothing, datasync: nothing, close: nothing }),
  rename: nothing,
  remove: nothing,
  syncFolder: nothing,
}

function nothing(): Promise<void> {
  return Promise.resolve()
}
