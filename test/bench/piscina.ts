/** Raw Piscina as its documentation shows it: default options, one task an item, all handed over at once. */
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'

/** Items a second, once the threads are warm. */
export async function piscinaNoOps(threads: number, items: number): Promise<number> {
  const pool = new Piscina({
    filename: fileURLToPath(new URL('./tasks/no-op.ts', import.meta.url)),
    minThreads: threads,
    maxThreads: threads,
    idleTimeout: Infinity,
  })
  const runAll = (count: number) => Promise.all(Array.from({ length: count }, (_, item) => pool.run(item)))
  try {
    await runAll(Math.ceil(items / 4))
    const from = performance.now()
    await runAll(items)
    return (items / (performance.now() - from)) * 1000
  } finally {
    await pool.destroy()
  }
}
