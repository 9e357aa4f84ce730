/** Threads of 2 GB that share 4 GB and run what nobody expected to be large. */
import { bytes } from '../../src/model/units.ts'
import type { BatchSpec } from './build-plan.ts'
import { buildPlan } from './build-plan.ts'
import type { FakeRunOptions } from './fake-run.ts'
import { FakeRun } from './fake-run.ts'

export const GB = 2 ** 30

export interface TightOptions extends FakeRunOptions {
  readonly threads?: number
  readonly batch?: Partial<BatchSpec>
}

/** All threads run an item; the one of the highest number is the youngest. */
export function tightRun({ threads = 2, batch = {}, ...options }: TightOptions = {}): FakeRun {
  const built = buildPlan({ threads, batchSize: 1, batches: [{ id: 'a', count: 9, ...batch }] })
  const run = new FakeRun(
    {
      ...built,
      memory: { ...built.memory, budget: bytes(4 * GB) },
      batches: built.batches.map((one) => Object.assign(one, { memory: bytes(GB / 10) })),
    },
    options,
  )
  for (let thread = 1; thread <= threads; thread += 1) {
    run.ready(thread)
    run.now += 10
  }
  return run
}

/** Memory grows so fast that the youngest is to stand still. */
export function press(run: FakeRun): void {
  look(run, 1)
  look(run, 1.86)
}

/** Every thread uses so much. */
export function look(run: FakeRun, each: number): void {
  run.now += 100
  run.used(Object.fromEntries(run.core.live.threads.map(({ thread }) => [thread, each * GB])))
  run.sync()
}
