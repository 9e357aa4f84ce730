/** What supervisors do to a run's folder, one after another, on a disk that may lose power. */
import type { Checkpoint } from '../../src/journal/checkpoint.ts'
import { writeCheckpoint } from '../../src/journal/checkpoint.ts'
import type { Disk } from '../../src/journal/disk.ts'
import type { Journal } from '../../src/journal/journal.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { restore } from '../../src/journal/restore.ts'
import { createRunFolder } from '../../src/journal/run-folder.ts'
import type { RunInfo } from '../../src/journal/run-info.ts'
import { prepareStateDir } from '../../src/journal/state-dir.ts'
import type { RunEvent } from '../../src/model/event.ts'
import type { ItemIndex, RunId } from '../../src/model/ids.ts'
import { batchIndex, itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import { wallTime } from '../../src/model/units.ts'
import type { FrozenFacts } from '../../src/run/pack.ts'
import { freezeFacts, packFacts } from '../../src/run/pack.ts'
import { reduce } from '../../src/run/reduce.ts'
import { settle } from '../../src/run/settle.ts'
import type { RunState } from '../../src/run/state.ts'
import { createRunState } from '../../src/run/state.ts'
import { buildPlan } from '../helpers/build-plan.ts'
import { scratchFolder } from '../helpers/scratch.ts'
import type { PowerLossOptions } from './power-loss.ts'
import { PowerLossDisk } from './power-loss.ts'

export const NOW = wallTime(1_700_000_000_000)

const PER_BATCH = 150

export const plan: Plan = buildPlan({
  batches: [
    { id: '3.1', count: PER_BATCH },
    { id: 'Front end', count: PER_BATCH },
  ],
})

/** A run's folder. */
export interface Place {
  readonly folder: string
  readonly run: RunId
}

/** What has been said to be durable: everything up to this number. */
interface Told {
  seq: number
}

export const valueOf = (item: ItemIndex) => JSON.stringify(`value of ${item}`)

export function packed(frozen: FrozenFacts): Checkpoint['facts'] {
  const packing = packFacts(frozen)
  for (;;) {
    const step = packing.next()
    if (step.done) return step.value
  }
}

/** One supervisor. */
class Life {
  /** Everything that may be in the journal, in its order. */
  readonly events: RunEvent[]
  readonly #place: Place
  readonly #disk: Disk
  readonly #state: RunState
  readonly #journal: Journal
  /** Chunks of each batch so far. */
  readonly #chunks: [number, number]

  private constructor({ place, disk, journal, state, events }: Begun & { journal: Journal }) {
    this.events = [...events]
    this.#place = place
    this.#disk = disk
    this.#state = state
    this.#journal = journal
    const chunksOf = (index: number) =>
      events.filter((event) => event.type === 'chunk.started' && event.batch === index).length
    this.#chunks = [chunksOf(0), chunksOf(1)]
  }

  static async begin(begun: Begun): Promise<Life> {
    const { place, disk, state, events, told, generation, valuesEnds } = begun
    const journal = await openJournal(place.folder, {
      run: place.run,
      generation,
      firstSeq: events.length + 1,
      valuesEnds,
      now: () => NOW,
      onDurable: (durable) => {
        told.seq += durable.length
        for (const event of durable) settle(state, event)
      },
      onTrouble: () => {},
      retryMs: 1,
      disk,
    })
    told.seq = events.length
    return new Life({ ...begun, journal })
  }

  emit(event: RunEvent): void {
    this.#journal.append(event)
    this.events.push(event)
    reduce(this.#state, event, NOW)
  }

  /** Rounds of work: single commits, some while another is under way, a checkpoint in every third. */
  async work(rounds: number): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      this.#chunk(0)
      const flushed = this.#journal.flush()
      await new Promise(setImmediate)
      this.#chunk(1)
      if (round % 3 === 2) await this.#checkpoint()
      await flushed
      await this.#journal.flush()
    }
    await this.#journal.close()
  }

  /** Three items of a batch: two succeed, one of them with a value, the third goes back. */
  #chunk(index: 0 | 1): void {
    const head = { thread: threadNumber(index + 1), batch: batchIndex(index) } as const
    const first = index * PER_BATCH + 3 * this.#chunks[index]++
    const [one, two, three] = [first, first + 1, first + 2].map(itemIndex) as [ItemIndex, ItemIndex, ItemIndex]
    this.emit({ type: 'chunk.started', ...head, items: [one, two, three] })
    const value = this.#journal.value(plan.batches[index]?.id ?? '', `${one}`, valueOf(one))
    const succeeded = { attempts: [1, 1], ms: [1, 2.5], values: [value, null] }
    this.emit({ type: 'items.succeeded', ...head, items: [one, two], ...succeeded })
    this.emit({ type: 'items.returned', ...head, items: [three], how: 'orphaned' })
  }

  async #checkpoint(): Promise<void> {
    const { folder, run } = this.#place
    const rotating = this.#journal.rotate()
    const facts = packed(freezeFacts(this.#state))
    this.#chunk(0)
    const { generation, seq, values } = await rotating
    const checkpoint = { run, generation, seq, planVersion: 1, at: NOW, values, facts }
    // A supervisor says that there is none this time, and goes on.
    await writeCheckpoint(folder, checkpoint, this.#disk).catch((error: Error) => {
      if (!('errno' in error)) throw error
    })
  }
}

interface Begun {
  readonly place: Place
  readonly disk: Disk
  readonly state: RunState
  readonly events: readonly RunEvent[]
  readonly told: Told
  readonly generation: number
  readonly valuesEnds: Readonly<Record<string, number>>
}

/** What a run was, for the judge. */
export interface Lived {
  readonly place: Place
  readonly disk: PowerLossDisk<number>
  readonly events: readonly RunEvent[]
  readonly told: Told
}

export interface LiveOptions extends Pick<PowerLossOptions<number>, 'skips' | 'fails'> {
  readonly rounds: number
  /** The supervisor is killed after so many operations. */
  readonly killedAfter?: number
}

/** A new run. */
export async function live({ rounds, killedAfter, ...options }: LiveOptions): Promise<Lived> {
  const stateDir = await scratchFolder()
  await prepareStateDir(stateDir)
  const place = await createRunFolder(stateDir, plan, 'name: test\n')
  const told = { seq: 0 }
  const disk = new PowerLossDisk({ folder: place.folder, promised: () => told.seq, ...options })
  const { promise: killed, resolve } = Promise.withResolvers<void>()
  const mortal = disk.process(killedAfter ?? Number.POSITIVE_INFINITY, resolve)
  const state = createRunState(plan)
  const life = await Life.begin({ place, disk: mortal, state, events: [], told, generation: 1, valuesEnds: {} })
  life.emit({ type: 'run.started', run: place.run, ...facts, epoch: 1 })
  await Promise.race([life.work(rounds), killed])
  // What it had asked for before that is still done.
  await new Promise(setImmediate)
  return { place, disk, events: life.events, told }
}

const facts = { plan: plan.name, items: plan.items, threads: plan.threads, memory: plan.memory }

/** The next supervisor of a run goes on. */
export async function recover({ place, disk, events, told }: Lived, rounds: number): Promise<Lived> {
  const restored = await restore(place.folder, { run: place.run } as RunInfo, disk)
  const known = events.slice(0, restored.seq)
  const life = await Life.begin({ ...restored, place, disk, events: known, told })
  const recovered = {
    planVersion: 1,
    changed: 'keep',
    succeeded: 0,
    requeued: 0,
    new: 0,
    gone: 0,
    paused: 0,
    lost: [],
  } as const
  life.emit({ type: 'run.recovered', run: place.run, ...facts, epoch: 2, ...recovered })
  await life.work(rounds)
  return { place, disk, events: life.events, told }
}
