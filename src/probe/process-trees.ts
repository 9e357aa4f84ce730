/**
 * Memory and CPU of whole process trees on Linux, from procfs: a scan of all `stat` files finds who belongs to whom,
 * and only members are read further. (`ps` and what is built on it take 40 to 1000 ms a look; this takes about 15 us
 * a process, and processes that were found to be none of ours are not read again for a while.)
 */
import { readdirSync, readFileSync } from 'node:fs'
import { type Bytes, bytes } from '../model/units.ts'
import type { Member } from './quick-look.ts'

/** What a process tree uses. */
export interface TreeUse {
  /** RssAnon + RssShmem of all its processes: what ending them would give back. File pages are shared, so left out. */
  readonly used: Bytes
  /** Cores used since the last look (1: one whole core); 0 at the first. */
  readonly cpu: number
  /** Who belongs to it. */
  readonly members: readonly Member[]
}

/** What the trees of these processes use now, in order. A process that is gone, or goes while it is read, counts 0. */
type TreeReader = (roots: readonly number[]) => readonly TreeUse[]

interface ProcessStat {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  readonly cpuTicks: number
}

/** Members of trees, with the tree's place in the list of roots. */
type Trees = ReadonlyMap<ProcessStat, number>

/** procfs counts CPU in these for every program, whatever the kernel's own clock (USER_HZ). */
const TICKS_PER_SECOND = 100

/** After so many looks all processes are read again: a pid may have been given to another one. */
const LOOKS_PER_FULL_SCAN = 20

/** A reader for the one who looks again and again; it remembers the last look. */
export function createTreeReader(): TreeReader {
  const scan = createScan()
  let last = new Map<number, number>()
  let lastAt = 0
  return (roots) => {
    const totals = sumTrees(scan(roots), roots.length)
    const at = performance.now()
    const seconds = (at - lastAt) / 1000
    const uses = roots.map((pid, tree) => {
      const { members = [], ticks = 0 } = totals[tree] ?? {}
      // The sum falls when a process ends that nobody of its tree waits for.
      const gained = Math.max(0, ticks - (last.get(pid) ?? ticks))
      const used = bytes(members.reduce((sum, member) => sum + member.used, 0))
      return { used, cpu: gained / TICKS_PER_SECOND / seconds, members }
    })
    last = new Map(roots.map((pid, tree) => [pid, totals[tree]?.ticks ?? 0]))
    lastAt = at
    return uses
  }
}

/**
 * Finds the members of the roots' trees, reading all processes but those that were of no tree since the last full scan. One that is gone
 * is forgotten: where items are many, its number is given away soon.
 */
function createScan(): (roots: readonly number[]) => Trees {
  let known = ''
  let looks = 0
  let foreign = new Set<string>()
  return (roots) => {
    if (roots.join(' ') !== known || ++looks % LOOKS_PER_FULL_SCAN === 0) foreign = new Set()
    known = roots.join(' ')
    const names = readdirSync('/proc').filter((name) => /^\d/.test(name))
    const stats = names.flatMap((name) => (foreign.has(name) ? [] : readStat(name)))
    foreign = new Set(names.filter((name) => foreign.has(name)))
    const ours = findTrees(stats, roots)
    for (const stat of stats) if (!ours.has(stat)) foreign.add(String(stat.pid))
    return ours
  }
}

/**
 * Which tree each process belongs to: a root, who is in a root's group or session (even when its parent is gone), and
 * all children of those. Left out: processes of no tree.
 */
function findTrees(stats: readonly ProcessStat[], roots: readonly number[]): Trees {
  const byPid = new Map(stats.map((stat) => [stat.pid, stat]))
  const rootTree = new Map(roots.map((pid, tree) => [pid, tree]))
  const known = new Map<number, number | undefined>()
  const treeOf = (stat: ProcessStat): number | undefined => {
    if (known.has(stat.pid)) return known.get(stat.pid)
    // Set before going up: a pid that was given away between two reads could close a circle.
    known.set(stat.pid, undefined)
    const parent = byPid.get(stat.parent)
    const tree =
      rootTree.get(stat.pid) ?? rootTree.get(stat.group) ?? rootTree.get(stat.session) ?? (parent && treeOf(parent))
    known.set(stat.pid, tree)
    return tree
  }
  const trees = new Map<ProcessStat, number>()
  for (const stat of stats) {
    const tree = treeOf(stat)
    if (tree !== undefined) trees.set(stat, tree)
  }
  return trees
}

function sumTrees(
  trees: Trees,
  count: number,
): readonly { readonly members: readonly Member[]; readonly ticks: number }[] {
  const totals = Array.from({ length: count }, () => ({ members: new Array<Member>(), ticks: 0 }))
  for (const [stat, tree] of trees) {
    const total = totals[tree]
    if (total === undefined) continue
    total.members.push(readMember(stat.pid))
    total.ticks += stat.cpuTicks
  }
  return totals
}

function readStat(pid: string): readonly ProcessStat[] {
  const text = readProcess(pid, 'stat')
  // The name in brackets may hold anything, brackets and blanks too; then: state, parent, group, session.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const [parent, group, session] = fields.slice(1, 4).map(Number)
  if (parent === undefined || group === undefined || session === undefined) return []
  // utime, stime, and the same of ended children that were waited for: what they used moves over and is not lost.
  const cpuTicks = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0)
  return [{ pid: Number(pid), parent, group, session, cpuTicks }]
}

function readMember(pid: number): Member {
  const status = readProcess(String(pid), 'status')
  const shmem = readKilobytes(status, 'RssShmem')
  return { pid, used: bytes(readKilobytes(status, 'RssAnon') + shmem), shmem: bytes(shmem) }
}

/** A line of `status`, in bytes; 0 where it is not there. */
export function readKilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0) * 1024
}

/** Empty where the process is gone. */
function readProcess(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8')
  } catch {
    return ''
  }
}
