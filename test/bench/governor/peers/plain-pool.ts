/** A Piscina pool as its documentation shows it: all items handed over at once, nobody looks at memory. */
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { PoolItem } from '../tasks/pool-item.ts'
import { close, ordersGiven } from './orders.ts'

const { items, threads, heap, trace } = ordersGiven()
const from = performance.now()
const pool = new Piscina<PoolItem, number>({
  filename: fileURLToPath(new URL('../tasks/pool-item.ts', import.meta.url)),
  minThreads: threads,
  maxThreads: threads,
  idleTimeout: Infinity,
  ...(heap === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heap } }),
})
const outcomes = await Promise.allSettled(items.map((item) => pool.run({ item, trace })))
close(from, outcomes.filter(({ status }) => status === 'rejected').length)
process.exit()
