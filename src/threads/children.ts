/** Processes that an item started: a worker's end does not end them. */
import { signalAll } from './groups.ts'
import { livingOf } from './procfs.ts'

/** Kills every other process of this process's group. Linux only: elsewhere they end with the host. */
export function killChildren(): void {
  signalAll(
    livingOf(process.pid).filter((pid) => pid !== process.pid),
    'SIGKILL',
  )
}
