/**
 * A run's folder as a supervisor that was killed leaves it, without running anything: the real journal writer and the real checkpoints, fed
 * with the events that so many items would have been.
 */
import type { Journal } from '../../src/journal/journal.ts'
import { openJournal } from '../../src/journal/journal.ts'
import { createRunFolder } from '../../src/journal/run-folder.ts'
import { writeRunInfo } from '../../src/journal/run-info.ts'
import { prepareStateDir } from '../../src/journal/state-dir.ts'
import type { JournaledEvent, RunEvent } from '../../src/model/event.ts'
import type { ItemIndex, RunId } from '../../src/model/ids.ts'
import { batchIndex, itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { Trouble } from '../../src/model/snapshot.ts'
import { wallTime } from '../../src/model/units.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { readMachine } from '../../src/probe/machine.ts'
import { reduce } from '../../src/run/reduce.ts'
import { settle } from '../../src/run/settle.ts'
import type { RunState } from '../../src/run/state.ts'
import { createRunState } from '../../src/run/state.ts'
import { Checkpointer } from '../../src/supervisor/checkpointer.ts'
import { createClock } from '../../src/supervisor/clock.ts'
import type { Core } from '../../src/supervisor/core.ts'
import type { Input } from '../../src/supervisor/input.ts'

/** As in src/supervisor/checkpoints.ts: what a supervisor takes a checkpoint after. */
const MOST_EVENTS = 500_000
const MOST_BYTES = 16 * 2 ** 20

/** Events between two waits for the disk: about as many as a busy supervisor has in a commit. */
const EVENTS_A_COMMIT = 4000

type Checkpointed = Extract<Input, { type: 'checkpointed' }>

/** A run that is being written. */
export class WrittenRun {
  readonly folder: string
  readonly journal: Journal
  readonly state: RunState
  readonly #clock = createClock()
  readonly #checkpointer: Checkpointer
  #checkpointed: ((input: Checkpointed) => void) | undefined

  private constructor(folder: string, { journal, state, run }: { journal: Journal; state: RunState; run: RunId }) {
    this.folder = folder
    this.journal = journal
    this.state = state
    const post = (input: Input) => this.#checkpointed?.(input as Checkpointed)
    const core = { journal, state, clock: this.#clock, run, post }
    // All of a core that taking a checkpoint looks at.
    this.#checkpointer = new Checkpointer(core as unknown as Core, folder)
  }

  /** @param path of a plan file with one batch */
  static async begin(path: string, stateDir: string): Promise<WrittenRun> {
    const loaded = await loadPlan(path, { machine: readMachine(), overrides: {} })
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.diagnostics))
    const { plan, text } = loaded
    await prepareStateDir(stateDir)
    const { run, folder } = await createRunFolder(stateDir, plan, text)
    const state = createRunState(plan)
    const onDurable = (events: readonly JournaledEvent[]) => events.forEach((event) => settle(state, event))
    const journal = await openJournal(folder, { run, generation: 1, firstSeq: 1, onDurable, onTrouble: giveUp })
    const written = new WrittenRun(folder, { journal, state, run })
    await written.#introduce(plan, run, stateDir)
    return written
  }

  emit(event: RunEvent): void {
    this.journal.append(event)
    reduce(this.state, event, this.#clock.now())
  }

  /** One checkpoint, as a supervisor takes it. */
  async checkpoint(): Promise<{ readonly bytes: number; readonly ms: number }> {
    const { promise, resolve } = Promise.withResolvers<Checkpointed>()
    this.#checkpointed = resolve
    this.#checkpointer.take('size')
    const taken = await promise
    if (taken.error !== undefined) throw new Error(taken.error)
    return taken
  }

  /**
   * All but the last of these items succeed, in chunks of so many; what is on threads at the end stays there. Checkpoints are taken when a
   * supervisor would.
   */
  async succeed({ items, chunk }: { readonly items: number; readonly chunk: number }): Promise<void> {
    const { threads } = this.state.plan
    const flying: { readonly thread: number; readonly items: readonly ItemIndex[] }[] = []
    for (let first = 0, count = 0; first < items; first += chunk, count += 1) {
      const length = Math.min(chunk, items - first)
      const next = { thread: (count % threads) + 1, items: Array.from({ length }, (_, at) => itemIndex(first + at)) }
      if (flying.length === threads) this.#end(flying.shift() as (typeof flying)[number])
      this.emit({ type: 'chunk.started', thread: threadNumber(next.thread), batch: batchIndex(0), items: next.items })
      flying.push(next)
      if (count % (EVENTS_A_COMMIT / 2) === 0) await this.#commit()
    }
    await this.#commit()
  }

  async close(): Promise<void> {
    await this.journal.close()
  }

  async #commit(): Promise<void> {
    await this.journal.flush()
    const { events, bytes } = this.journal.since
    if (events >= MOST_EVENTS || bytes >= MOST_BYTES) await this.checkpoint()
  }

  #end({ thread, items }: { readonly thread: number; readonly items: readonly ItemIndex[] }): void {
    this.emit({
      type: 'items.succeeded',
      thread: threadNumber(thread),
      batch: batchIndex(0),
      items,
      attempts: items.map(() => 1),
      // Hundredths of milliseconds, as no-ops take them.
      ms: items.map((item) => (1 + ((item * 7) % 5)) / 100),
    })
  }

  async #introduce(plan: Plan, run: RunId, stateDir: string): Promise<void> {
    const { name, path, items, threads, memory } = plan
    await writeRunInfo({
      format: 1,
      run,
      plan: name,
      planPath: path,
      stateDir,
      folder: this.folder,
      startedAt: wallTime(Date.now()),
      epoch: 1,
      planVersion: 1,
      pid: 0,
      bootId: '',
      isForeground: false,
      options: {},
      items,
      threads,
    })
    this.emit({ type: 'run.started', run, plan: name, items, threads, memory, epoch: 1 })
    for (let thread = 1; thread <= threads; thread += 1)
      this.emit({ type: 'thread.started', thread: threadNumber(thread) })
    this.emit({ type: 'batch.started', batch: batchIndex(0) })
  }
}

function giveUp(trouble: Trouble | undefined): void {
  if (trouble) throw new Error(trouble.message)
}
