/** The same computing without any scheduler, on as many worker threads. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { LoopData } from './tasks/inline-loop.ts'

export interface Busy {
  readonly threads: number
  readonly items: number
  /** Turns of `spin` an item. */
  readonly turns: number
}

/** Items a second, threads already running. */
export async function inlineBusy({ threads, items, turns }: Busy): Promise<number> {
  const shared = new Int32Array(new SharedArrayBuffer(8))
  const workerData: LoopData = { shared, items, turns }
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('./tasks/inline-loop.ts', import.meta.url), { workerData }),
  )
  await Promise.all(workers.map((worker) => once(worker, 'message')))
  const done = Promise.all(workers.map((worker) => once(worker, 'message')))
  const from = performance.now()
  Atomics.store(shared, 1, 1)
  Atomics.notify(shared, 1)
  await done
  const ms = performance.now() - from
  await Promise.all(workers.map((worker) => worker.terminate()))
  return (items / ms) * 1000
}
