/**
 * Takes checkpoints. The journal is cut and the facts are copied in the same turn, so that the copy is exactly what stands before the cut;
 * packing and writing then take their time beside the loop. One after another.
 */
import { setImmediate } from 'node:timers/promises'
import { writeCheckpoint } from '../journal/checkpoint.ts'
import type { Rotated } from '../journal/journal.ts'
import type { CheckpointReason } from '../model/event.ts'
import type { Bytes } from '../model/units.ts'
import { millis } from '../model/units.ts'
import type { FrozenFacts, PackedFacts } from '../run/pack.ts'
import { freezeFacts, packFacts } from '../run/pack.ts'
import { MOST_EVENTS } from '../run/settle.ts'
import type { Core } from './core.ts'

export class Checkpointer {
  readonly #core: Core
  readonly #folder: string
  #last: Promise<void> = Promise.resolve()

  constructor(core: Core, folder: string) {
    this.#core = core
    this.#folder = folder
  }

  /** Ends in the inbox, as `checkpointed`. */
  take(reason: CheckpointReason): void {
    this.#last = this.#last.then(() => this.#take(reason))
  }

  async #take(reason: CheckpointReason): Promise<void> {
    const { journal, state, clock, post } = this.#core
    const begun = clock.now()
    try {
      const rotating = journal.rotate()
      const frozen = freezeFacts(state)
      const bytes = await this.#write(await rotating, frozen)
      post({ type: 'checkpointed', reason, bytes, ms: millis(Math.round((clock.now() - begun) * 10) / 10) })
    } catch (error) {
      console.error('The checkpoint could not be written:', error)
      post({ type: 'checkpointed', reason, error: error instanceof Error ? error.message : String(error) })
    }
  }

  async #write({ generation, seq, values }: Rotated, frozen: FrozenFacts): Promise<Bytes> {
    const { run, clock, state } = this.#core
    const { planVersion } = state
    // By now everything before the cut is durable: what was not when the facts were copied has become a line since.
    const events = state.events.filter((event) => event.seq <= seq).slice(-MOST_EVENTS)
    const facts = { ...(await pack(frozen)), events }
    return await writeCheckpoint(this.#folder, { run, generation, seq, planVersion, at: clock.now(), values, facts })
  }
}

/** Packing a million items takes some ms: between the slices the loop goes on. */
async function pack(frozen: FrozenFacts): Promise<PackedFacts> {
  const packing = packFacts(frozen)
  for (;;) {
    const step = packing.next()
    if (step.done) return step.value
    await setImmediate()
  }
}
