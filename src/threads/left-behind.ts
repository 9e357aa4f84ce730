/**
 * Which processes an item leaves behind in the group of its lane, where lane and items share one. It is asked after every item, so it
 * must be cheap: what was made since the item began has higher numbers than the newest process had then, and usually that is a handful.
 */
import { execFile } from 'node:child_process'
import { openSync, readFileSync, readSync, statfsSync } from 'node:fs'
import { promisify } from 'node:util'
import { isThere } from './groups.ts'
import { isDead, listPids, readStat } from './procfs.ts'

/** Kernels number processes upwards and begin again here. */
const FIRST_PID = 300

/** No machine makes processes faster: what takes longer than this allows might have seen all numbers go by. */
const MOST_PIDS_PER_MS = 200

const PROC_MAGIC = 0x9f_a0

/** One look may miss a process that starts another and ends meanwhile. */
const MOST_LOOKS = 3

/** How the processes stand at a moment. */
export interface ProcessMark {
  /** Number of the newest process; undefined: the system does not say. */
  readonly newest: number | undefined
  readonly threads: number
  readonly at: number
}

/** What is asked of the system. */
export interface ProcessTable {
  /** Number of the newest process and how many threads there are. */
  readonly newest: () => { readonly pid: number; readonly threads: number } | undefined
  /** Highest number there may be, and one more. */
  readonly end: () => number
  readonly now: () => number
  /** Those of these numbers that are living processes of the group. */
  readonly livingOf: (group: number, among: Iterable<number>) => readonly number[]
  readonly allOf: (group: number) => Promise<readonly number[]>
}

export class LeftBehind {
  readonly #table: ProcessTable

  constructor(table: ProcessTable = process.platform === 'linux' ? procfs : ps) {
    this.#table = table
  }

  /** Before an item begins. */
  mark(): ProcessMark {
    const { pid, threads = 0 } = this.#table.newest() ?? {}
    return { newest: pid, threads, at: this.#table.now() }
  }

  /** Living processes of the lane's group that were made since, without the lane itself. */
  async since(mark: ProcessMark, lane: number): Promise<readonly number[]> {
    for (let from = mark, looks = 1; ; looks++) {
      const to = this.mark()
      const made = this.#made(from, to)
      const found = made ? this.#table.livingOf(lane, made) : await this.#table.allOf(lane)
      const left = found.filter((pid) => pid !== lane)
      const isQuiet = this.#table.newest()?.pid === to.newest
      if (left.length > 0 || isQuiet || looks === MOST_LOOKS) return left
      from = to
    }
  }

  /** Numbers given away between these moments; undefined: too many to be looked at one by one, or nobody can tell. */
  #made(from: ProcessMark, to: ProcessMark): readonly number[] | undefined {
    if (from.newest === undefined || to.newest === undefined) return undefined
    const end = this.#table.end()
    // Somebody has changed it.
    if (Math.max(from.newest, to.newest) >= end) return undefined
    if (to.at - from.at > end / MOST_PIDS_PER_MS) return undefined
    const isAround = to.newest < from.newest
    const beforeEnd = isAround ? end - 1 - from.newest : to.newest - from.newest
    const count = beforeEnd + (isAround ? to.newest - FIRST_PID + 1 : 0)
    // As dear as a look at all there are.
    if (count > to.threads) return undefined
    const first = from.newest + 1
    return Array.from({ length: count }, (_, step) => (step < beforeEnd ? first : FIRST_PID - beforeEnd) + step)
  }
}

/** A file of procfs that is read again and again: kept open it costs 2 us instead of 11. Empty where it cannot be read. */
function keptOpen(path: string): () => string {
  const text = Buffer.alloc(256)
  let file: number | undefined
  return () => {
    try {
      // Somebody else than the kernel answers seconds late (lxcfs does).
      file ??= statfsSync(path).type === PROC_MAGIC ? openSync(path, 'r') : -1
      return file < 0 ? '' : text.toString('latin1', 0, readSync(file, text, 0, text.length, 0))
    } catch {
      return ''
    }
  }
}

const readLoad = keptOpen('/proc/loadavg')
let highest: number | undefined

/** Linux. */
export const procfs: ProcessTable = {
  newest: () => {
    const [, threads, pid] = /\/(\d+) (\d+)\s*$/.exec(readLoad()) ?? []
    // Some sandboxes say 0.
    return Number(pid) > 0 ? { pid: Number(pid), threads: Number(threads) } : undefined
  },
  end: () => (highest ??= Number(keptOpen('/proc/sys/kernel/pid_max')())),
  now: () => performance.now(),
  livingOf: (group, among) =>
    [...among].filter((pid) => {
      const stat = isThere(pid) ? readStat(pid) : undefined
      return stat?.group === group && !isDead(stat) && isProcess(pid)
    }),
  allOf: (group) => Promise.resolve(procfs.livingOf(group, listPids())),
}

/** Threads have numbers of the same kind. */
function isProcess(pid: number): boolean {
  try {
    return new RegExp(`^Tgid:\\s+${pid}$`, 'm').test(readFileSync(`/proc/${pid}/status`, 'latin1'))
  } catch {
    return false
  }
}

const run = promisify(execFile)

/** Anywhere else. */
export const ps: ProcessTable = {
  newest: () => undefined,
  end: () => 0,
  now: () => 0,
  livingOf: () => [],
  allOf: async (group) => {
    // Where it cannot be asked, as with no room for another process, nobody is known.
    const { stdout } = await run('ps', ['-A', '-o', 'pid=,pgid=,stat=']).catch(() => ({ stdout: '' }))
    return stdout.split('\n').flatMap((line) => {
      const [pid, of, state = 'Z'] = line.trim().split(/\s+/)
      return Number(of) === group && !state.startsWith('Z') ? [Number(pid)] : []
    })
  },
}
