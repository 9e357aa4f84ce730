/** Ends what an item left running: TERM, and KILL for what is still there after two seconds. */
import { setTimeout } from 'node:timers/promises'
import { signalAll } from './groups.ts'

const GRACE_MS = 2000
const LOOK_MS = 20

/** What was started last may be on its way to a session of its own. */
const SETTLE_MS = 50

/** A process in an uninterruptible wait cannot be ended at all: nobody waits for it longer than this. */
const PATIENCE_MS = 10_000

/** @param look the processes that are there @param grace in ms; 0: KILL at once @returns how many there were at first */
export async function endLeftovers(look: () => Promise<readonly number[]>, grace = GRACE_MS): Promise<number> {
  const began = performance.now()
  const found = new Set<number>()
  for (let count: number | undefined; ; ) {
    let left = await look()
    if (count === undefined && left.length > 0 && grace > 0) {
      await setTimeout(SETTLE_MS)
      left = await look()
    }
    const waited = performance.now() - began
    // What they start while they are being ended was not left behind.
    count ??= left.length
    if (left.length === 0 || waited > PATIENCE_MS) return count
    const fresh = left.filter((pid) => !found.has(pid))
    for (const pid of fresh) found.add(pid)
    if (waited >= grace) signalAll(left, 'SIGKILL')
    else signalAll(fresh, 'SIGTERM')
    // What is stopped hears nothing.
    signalAll(left, 'SIGCONT')
    await setTimeout(LOOK_MS)
  }
}
