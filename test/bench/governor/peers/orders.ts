/** What a pool program is told, in its first argument, and what it says on its last line. */
import type { WorkItem } from '../workload.ts'

export interface Orders {
  readonly items: readonly WorkItem[]
  readonly threads: number
  /** Bytes that all of them may take. */
  readonly budget: number
  /** Most heap of one worker, in MB; left out: V8's own. */
  readonly heap?: number
  /** File to write down what ran. */
  readonly trace: string
}

export interface Closing {
  readonly ms: number
  /** Items that were given up. */
  readonly failed: number
}

export function ordersGiven(): Orders {
  return JSON.parse(process.argv[2] ?? '{}') as Orders
}

export function close(from: number, failed: number): void {
  console.log(JSON.stringify({ ms: performance.now() - from, failed } satisfies Closing))
}
