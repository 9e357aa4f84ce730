/** What no scheduler can beat: worker threads that take the next number from a counter and compute, until all is done. */
import { parentPort, workerData } from 'node:worker_threads'
import { spin } from './spin.ts'

export interface LoopData {
  /** [0] items taken so far, [1] set to 1 when to begin. */
  readonly shared: Int32Array
  readonly items: number
  readonly turns: number
}

const { shared, items, turns } = workerData as LoopData
// A port between threads has no origin to name.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort?.postMessage('ready')
Atomics.wait(shared, 1, 0)
let sum = 0
while (Atomics.add(shared, 0, 1) < items) sum ^= spin(turns)
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort?.postMessage(sum)
