/**
 * What is built in an afternoon: a pool a thread, and at 95 % of the budget whoever holds most is killed and its item goes to the end of the
 * queue. No heap of a worker is larger than a thread's share.
 */
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { heldBy } from '../held.ts'
import type { PoolItem } from '../tasks/pool-item.ts'
import type { WorkItem } from '../workload.ts'
import { close, ordersGiven } from './orders.ts'

const KILL_SHARE = 0.95
const LOOK_MS = 20

/** Time for a kill to show, before the next one. */
const SETTLE_MS = 100

/** An item that was killed so often is given up. */
const MOST_TRIES = 20

interface Thread {
  readonly pool: Piscina<PoolItem, number>
  kill: AbortController | undefined
  /** Bytes, as its worker counts. */
  memory: number
}

const { items, threads: count, budget, heap, trace } = ordersGiven()
const from = performance.now()
const threads = Array.from({ length: count }, (): Thread => ({ pool: createPool(), kill: undefined, memory: 0 }))
const queue = items.map((item) => ({ item, tries: 0 }))
let left = items.length
let failed = 0
let killedAt = Number.NEGATIVE_INFINITY

function createPool(): Piscina<PoolItem, number> {
  return new Piscina({
    filename: fileURLToPath(new URL('../tasks/pool-item.ts', import.meta.url)),
    minThreads: 1,
    maxThreads: 1,
    idleTimeout: Infinity,
    ...(heap === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heap } }),
  })
}

async function run(thread: Thread, entry: { readonly item: WorkItem; tries: number }): Promise<void> {
  const { item } = entry
  thread.kill = new AbortController()
  entry.tries += 1
  try {
    await thread.pool.run({ item, trace }, { signal: thread.kill.signal })
    left -= 1
  } catch {
    if (entry.tries < MOST_TRIES) queue.push(entry)
    else {
      failed += 1
      left -= 1
    }
  }
  thread.kill = undefined
}

async function measure(thread: Thread): Promise<void> {
  const worker = thread.pool.threads[0]
  const statistics = await worker?.getHeapStatistics().catch(() => undefined)
  thread.memory = statistics ? statistics.total_heap_size + statistics.external_memory : 0
}

function killBiggest(): void {
  const running = threads.filter(({ kill }) => kill && !kill.signal.aborted)
  const [biggest] = running.toSorted((one, other) => other.memory - one.memory)
  biggest?.kill?.abort()
  killedAt = performance.now()
}

while (left > 0) {
  for (const thread of threads) {
    const next = thread.kill ? undefined : queue.shift()
    if (next) void run(thread, next)
  }
  for (const thread of threads) void measure(thread)
  if (heldBy('self') >= budget * KILL_SHARE && performance.now() - killedAt > SETTLE_MS) killBiggest()
  await setTimeout(LOOK_MS)
}
close(from, failed)
process.exit()
