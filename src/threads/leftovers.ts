/** Ends what an item left running: TERM, and KILL for what is still there after two seconds. */
import { setTimeout } from 'node:timers/promises'
import { signalAll } from './groups.ts'

const GRACE_MS = 2000
const LOOK_MS = 20

/** A process in an uninterruptible wait cannot be ended at all: nobody waits for it longer than this. */
const PATIENCE_MS = 10_000

/** @param look the processes that are there @returns how many there were */
export async function endLeftovers(look: () => Promise<readonly number[]>): Promise<number> {
  const began = performance.now()
  const found = new Set<number>()
  for (;;) {
    const left = await look()
    const waited = performance.now() - began
    if (left.length === 0 || waited > PATIENCE_MS) return found.size
    const fresh = left.filter((pid) => !found.has(pid))
    for (const pid of fresh) found.add(pid)
    if (waited > GRACE_MS) signalAll(left, 'SIGKILL')
    else signalAll(fresh, 'SIGTERM')
    // What is stopped hears nothing.
    signalAll(left, 'SIGCONT')
    await setTimeout(LOOK_MS)
  }
}
