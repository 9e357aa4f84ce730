/** Loads task modules, once a worker each, and calls their `setup` and `teardown`. */
import { statSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import type { ModuleBatch } from '../model/chunk.ts'
import type { Bench } from './bench.ts'
import type { BatchContext, Task } from './context.ts'
import { batchContext } from './item-context.ts'

export interface TaskModule {
  readonly default: Task
  readonly setup?: (context: BatchContext) => unknown
  readonly teardown?: (context: BatchContext) => unknown
  readonly retryable?: (error: unknown) => unknown
}

/** The module could not be loaded or its `setup` threw: not the item's fault, but each item counts it. */
export class SetupError extends Error {}

export class TaskModules {
  readonly #bench: Bench
  /** Set up for the batch at hand, by path. */
  readonly #ready = new Map<string, Ready>()
  #batch: ModuleBatch | undefined

  constructor(bench: Bench) {
    this.#bench = bench
  }

  /**
   * Another batch begins, or none: what was set up is torn down. The same batch told again (a person's retry does that) goes on with
   * what it has, but for modules that were mended meanwhile.
   */
  async enter(batch: ModuleBatch | undefined): Promise<void> {
    if (this.#batch) {
      const isSame = this.#batch.index === batch?.index
      const context = batchContext(this.#bench, this.#batch)
      // Torn down in the order they were set up.
      for (const [path, { module, changedAt }] of this.#ready) {
        if (isSame && changedAt === changeTime(path)) continue
        await tearDown(module, context)
        this.#ready.delete(path)
      }
    }
    this.#batch = batch
  }

  /** The module, where it is ready for this batch's items. */
  ready(path: string): TaskModule | undefined {
    return this.#ready.get(path)?.module
  }

  /** @throws SetupError */
  async prepare(path: string, batch: ModuleBatch): Promise<TaskModule> {
    const changedAt = changeTime(path)
    const module = await load(path, changedAt)
    if (module.setup) {
      try {
        await module.setup(batchContext(this.#bench, batch))
      } catch (error) {
        throw new SetupError('setup threw', { cause: error })
      }
    }
    this.#ready.set(path, { module, changedAt })
    return module
  }
}

interface Ready {
  readonly module: TaskModule
  readonly changedAt: number
}

/** When each module's file had been changed as it was first loaded: Node keeps that version for its address. */
const firstLoaded = new Map<string, number>()

const changeTime = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0

function addressOf(path: string, changedAt: number): string {
  const { href } = pathToFileURL(path)
  const first = firstLoaded.get(path) ?? changedAt
  firstLoaded.set(path, first)
  return first === changedAt ? href : `${href}?changed=${changedAt}`
}

async function load(path: string, changedAt: number): Promise<TaskModule> {
  let module: Partial<TaskModule>
  try {
    module = (await import(addressOf(path, changedAt))) as Partial<TaskModule>
  } catch (error) {
    throw new SetupError(`${path} cannot be loaded`, { cause: error })
  }
  if (typeof module.default !== 'function') {
    throw new SetupError(`${path} has no task: it must have a function as its default export`)
  }
  return module as TaskModule
}

async function tearDown(module: TaskModule, context: BatchContext): Promise<void> {
  try {
    await module.teardown?.(context)
  } catch (error) {
    // No item runs: this goes to the host's own log.
    console.error('teardown threw:', error)
  }
}
