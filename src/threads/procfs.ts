/** Who belongs where, from Linux' procfs. Elsewhere there is none, and nobody is found. */
import { readdirSync, readFileSync } from 'node:fs'

export interface ProcessStat {
  /** One letter; `Z`: dead, and nobody has asked how it ended. */
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
}

/** Undefined: there is none with this number (any more). */
export function readStat(pid: number): ProcessStat | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The name in parentheses may hold anything: fields are counted behind it.
    const [state = '', parent, group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 4)
    return { state, parent: Number(parent), group: Number(group), session: Number(session) }
  } catch {
    return undefined
  }
}

export const isDead = ({ state }: ProcessStat): boolean => state === 'Z' || state === 'X'

export function listPids(): number[] {
  try {
    return readdirSync('/proc').map(Number).filter(Number.isInteger)
  } catch {
    return []
  }
}

/** Living processes of this group. */
export function livingOf(group: number): number[] {
  return listPids().filter((pid) => {
    const stat = readStat(pid)
    return stat?.group === group && !isDead(stat)
  })
}

/** This process, its parent and so on. */
export function ownLine(): ReadonlySet<number> {
  const line = new Set<number>()
  for (let pid = process.pid; pid > 1 && !line.has(pid); pid = readStat(pid)?.parent ?? 0) line.add(pid)
  return line
}
