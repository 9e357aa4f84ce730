/** Processes that an item started: a worker's end does not end them. */
import { readdirSync, readFileSync } from 'node:fs'

/** Kills every other process of this process's group. Linux only: elsewhere they end with the host. */
export function killChildren(): void {
  for (const pid of processes()) {
    if (pid === process.pid || groupOf(pid) !== process.pid) continue
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has just ended by itself.
    }
  }
}

function processes(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

function groupOf(pid: number): number | undefined {
  try {
    // The name in parentheses may hold anything: fields are counted behind it.
    return Number(readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ')[2])
  } catch {
    return undefined
  }
}
