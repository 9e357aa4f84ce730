/**
 * Work of a fixed amount: the same for every thread, however many share a core (a clock would count the waiting too). Hashing is
 * compiled code: a loop of our own runs five times slower once V8 has compiled it anew, after a thousand calls or so.
 */
import { createHash } from 'node:crypto'

const bytes = Buffer.alloc(64 * 1024, 'x')

/** @param turns how many kB to hash */
export function spin(turns: number): number {
  const hash = createHash('sha256')
  for (let left = turns * 1024; left > 0; left -= bytes.length)
    hash.update(left < bytes.length ? bytes.subarray(0, left) : bytes)
  return hash.digest()[0] ?? 0
}

/** How many turns take a millisecond of a core that does nothing else: the best of several tries. */
export function turnsPerMillisecond(): number {
  const turns = 1024
  const times = Array.from({ length: 60 }, () => {
    const from = performance.now()
    spin(turns)
    return performance.now() - from
  })
  return Math.round(turns / Math.min(...times))
}
