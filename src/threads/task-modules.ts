/** Loads task modules, once a worker each, and calls their `setup` and `teardown`. */
import { pathToFileURL } from 'node:url'
import type { BatchWork } from '../model/chunk.ts'
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
  readonly #ready = new Map<string, TaskModule>()
  #batch: BatchWork | undefined

  constructor(bench: Bench) {
    this.#bench = bench
  }

  /** Another batch begins, or none: what was set up is torn down. */
  async enter(batch: BatchWork | undefined): Promise<void> {
    if (this.#batch && this.#batch.index !== batch?.index) {
      const context = batchContext(this.#bench, this.#batch)
      // Torn down in the order they were set up.
      for (const module of this.#ready.values()) await tearDown(module, context)
      this.#ready.clear()
    }
    this.#batch = batch
  }

  /** The module, where it is ready for this batch's items. */
  ready(path: string): TaskModule | undefined {
    return this.#ready.get(path)
  }

  /** @throws SetupError */
  async prepare(path: string, batch: BatchWork): Promise<TaskModule> {
    const module = await load(path)
    if (module.setup) {
      try {
        await module.setup(batchContext(this.#bench, batch))
      } catch (error) {
        throw new SetupError('setup threw', { cause: error })
      }
    }
    this.#ready.set(path, module)
    return module
  }
}

async function load(path: string): Promise<TaskModule> {
  let module: Partial<TaskModule>
  try {
    module = (await import(pathToFileURL(path).href)) as Partial<TaskModule>
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
