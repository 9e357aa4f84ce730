/** The processes of a run as the system knows them, and killing them. */
import { readdir, readFile } from 'node:fs/promises'
import { MARK } from '../../src/link/liveness.ts'
import { until } from '../helpers/until.ts'

export async function childrenOf(pid: number): Promise<readonly number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return text.split(' ').filter(Boolean).map(Number)
}

/** The supervisor that a client has started; undefined: none (yet), or it has become somebody else's child. */
export async function supervisorOf(client: number): Promise<number | undefined> {
  for (const pid of await childrenOf(client)) if (await isSupervisor(pid)) return pid
  return undefined
}

/** Supervisors of runs in a state folder, at whatever point of their lives. */
export async function supervisorsIn(stateDir: string): Promise<readonly number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const isOurs = (await isSupervisor(pid)) && (await environmentOf(pid)).includes(stateDir)
      return isOurs && (await isAlive(pid)) ? [pid] : []
    }),
  )
  return found.flat()
}

/** The shell that ends the hosts when a supervisor is gone. */
export async function reaperOf(supervisor: number): Promise<number> {
  for (const pid of await childrenOf(supervisor))
    if ((await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).startsWith('/bin/sh')) return pid
  throw new Error(`Supervisor ${supervisor} has no reaper`)
}

/** Its threads' processes. */
export async function hostsOf(supervisor: number): Promise<readonly number[]> {
  const found: number[] = []
  for (const pid of await childrenOf(supervisor))
    if ((await environmentOf(pid)).includes('BATCHTOP_THREAD=')) found.push(pid)
  return found
}

/**
 * Waits until it is dead with all its threads: one in the middle of writing to a slow disk keeps its locks until that is done.
 * @returns false where it had ended already: a zombie takes signals too
 */
export async function kill(pid: number): Promise<boolean> {
  if (!(await isAlive(pid))) return false
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    return false
  }
  const threads = () => readdir(`/proc/${pid}/task`).catch(() => [])
  const isDead = async () => !(await isAlive(pid)) && (await threads()).length <= 1
  await until(isDead, { instead: () => `${pid} lives` })
  return true
}

export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !/^\d+ \(.*\) [ZX]/s.test(stat)
}

/** Stopped by a signal. */
export async function isFrozen(pid: number): Promise<boolean> {
  return /^\d+ \(.*\) T/s.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''))
}

async function isSupervisor(pid: number): Promise<boolean> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').includes(MARK)
}

async function environmentOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
}
