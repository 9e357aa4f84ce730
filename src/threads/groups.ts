/** Signals to groups of processes. That nobody is there is an answer here and no error, and costs little: it is asked after every item. */
import { isDead, livingOf, readStat } from './procfs.ts'

const isLinux = process.platform === 'linux'

/**
 * To every process of this group. Dead ones that nobody has collected count as there: ask `isGroupAlive`.
 * @returns false: nobody is there, or nobody whom we may signal
 */
export function signalGroup(group: number, signal: NodeJS.Signals): boolean {
  return send(-checked(group), signal)
}

/** Whether a process of this group lives. (In a container the first process may collect nobody: then the dead keep their group's number.) */
export function isGroupAlive(group: number): boolean {
  if (!send(-checked(group), 0)) return false
  if (!isLinux) return true
  const leader = readStat(group)
  const isLeaderAlive = leader?.group === group && !isDead(leader)
  return isLeaderAlive || livingOf(group).length > 0
}

/** To each of these, as far as they are still there. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) send(checked(pid), signal)
}

/** Whether there is a process with this number that we may signal, or a thread. A tenth of the cost of reading about one that is gone. */
export function isThere(pid: number): boolean {
  return send(pid, 0)
}

/** The numbers below would mean everybody, or our own group. */
function checked(number: number): number {
  if (!(Number.isInteger(number) && number > 1)) throw new Error(`${number} is no process that may be signalled`)
  return number
}

/** The trace of the error would cost more than all the rest: 4.5 us, and 1.6 without (measured). */
function send(target: number, signal: NodeJS.Signals | 0): boolean {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return process.kill(target, signal)
  } catch {
    return false
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
