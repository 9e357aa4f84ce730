/** Who belongs where, from Linux' procfs. Elsewhere there is none, and nobody is found. */
import { closeSync, openSync, readdirSync, readSync } from 'node:fs'

export interface ProcessStat {
  /** One letter; `Z`: dead, and nobody has asked how it ended. */
  readonly state: string
  readonly parent: number
  readonly group: number
  readonly session: number
  /** It is a copy of its parent: no program of its own has begun in it. */
  readonly isFork: boolean
}

/** PF_FORKNOEXEC of the kernel's sched.h. */
const FORKED = 0x40

/** More than a line of it takes. */
const text = Buffer.alloc(1024)

/** Undefined: there is none with this number (any more). */
export function readStat(pid: number): ProcessStat | undefined {
  try {
    // It is read after most items: half of what `readFileSync` costs.
    const file = openSync(`/proc/${pid}/stat`, 'r')
    let stat: string
    try {
      stat = text.toString('latin1', 0, readSync(file, text, 0, text.length, 0))
    } finally {
      closeSync(file)
    }
    // The name in parentheses may hold anything: fields are counted behind it.
    const [state = '', parent, group, session, , , flags] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 7)
    const isFork = (Number(flags) & FORKED) !== 0
    return { state, parent: Number(parent), group: Number(group), session: Number(session), isFork }
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
