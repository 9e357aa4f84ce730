/**
 * Memory of process trees for many looks a second: who belongs to them is what the last full look found, and of each only `statm` is
 * read, through a descriptor that stays open (2 us a process; opening and closing it each time takes 7). An open descriptor is also
 * bound to its process: one that gets the same number later is never taken for it. Below a shell processes come and go all the time: there
 * each look finds out who is there (12 us for one that was not, 8 for one that was).
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import os from 'node:os'
import { type Bytes, bytes } from '../model/units.ts'
import { descendantsOf } from './descendants.ts'

/** A process that a full look found to be of a tree. */
export interface Member {
  readonly pid: number
  readonly used: Bytes
  /** RssShmem, a part of `used`: `statm` does not tell it from file pages. */
  readonly shmem: Bytes
}

/** The first process of a tree. */
export interface Root {
  readonly pid: number
  /** True: what it runs are processes below it, which come and go. */
  readonly isShell?: boolean
}

export interface QuickReader {
  /** What a full look found: who belongs to each root. */
  readonly follow: (trees: ReadonlyMap<number, readonly Member[]>) => void
  /** What each root's tree uses now. A root that no full look knew is read by itself. */
  readonly read: (roots: readonly Root[]) => readonly Bytes[]
  /** MemAvailable; undefined where the kernel does not say. */
  readonly readAvailable: () => Bytes | undefined
}

interface Followed {
  /** Its open `statm`; undefined where it could not be opened. */
  readonly statm: number | undefined
  readonly shmem: number
}

interface Tree {
  readonly followed: Map<number, Followed>
  /** Those that are not followed, and what they used at the last full look. */
  readonly small: ReadonlySet<number>
  readonly rest: number
}

/** So many of the largest are followed: commands may start hundreds of small ones, and each costs its 2 us. */
const MOST_FOLLOWED = 64

/** So many are looked for below all shells together, and at least so many below each. */
const MOST_FOUND = 256
const LEAST_FOUND = 4

const AT_PAGESZ = 6n

/** The kernel's page, in which `statm` counts: 4 KB on most machines, up to 64 KB on some. */
function readPageSize(): number {
  const pairs = readFileSync('/proc/self/auxv')
  const read = (offset: number) =>
    os.endianness() === 'LE' ? pairs.readBigUInt64LE(offset) : pairs.readBigUInt64BE(offset)
  for (let offset = 0; offset + 16 <= pairs.length; offset += 16)
    if (read(offset) === AT_PAGESZ) return Number(read(offset + 8))
  return 4096
}

export function createQuickReader(): QuickReader {
  const pageSize = readPageSize()
  let meminfo: number | undefined
  let trees = new Map<number, Tree>()
  return {
    follow(members) {
      const before = trees
      trees = followLargest(members, openFiles(before))
      closeGone(before, trees)
    },
    read(roots) {
      const most = Math.max(LEAST_FOUND, Math.floor(MOST_FOUND / roots.length))
      return roots.map(({ pid, isShell = false }) => {
        const tree = trees.get(pid) ?? { followed: new Map(), small: new Set(), rest: 0 }
        const used = tree.rest + readFollowed(tree, pageSize)
        const found = readNew(tree, [pid, ...(isShell ? descendantsOf(pid, most) : [])], pageSize)
        // One that is there stays open until the next full look.
        if (tree.followed.size > 0) trees.set(pid, tree)
        return bytes(used + found)
      })
    },
    readAvailable() {
      meminfo ??= openSync('/proc/meminfo', 'r')
      const found = /^MemAvailable:\s+(\d+) kB$/m.exec(readStart(meminfo))
      return found ? bytes(Number(found[1]) * 1024) : undefined
    },
  }
}

/** Those that are gone are followed no more: their numbers may be given to others. */
function readFollowed({ followed }: Tree, pageSize: number): number {
  let sum = 0
  for (const [pid, { statm, shmem }] of followed) {
    const line = statm === undefined ? '' : readStart(statm)
    if (line === '') forget(followed, pid)
    else sum += useOf(line, pageSize, shmem)
  }
  return sum
}

function forget(followed: Map<number, Followed>, pid: number): void {
  const file = followed.get(pid)?.statm
  if (file !== undefined) closeSync(file)
  followed.delete(pid)
}

function readNew({ followed, small }: Tree, pids: readonly number[], pageSize: number): number {
  let sum = 0
  for (const pid of pids) {
    if (followed.has(pid) || small.has(pid)) continue
    const statm = open(pid)
    if (statm === undefined) continue
    followed.set(pid, { statm, shmem: 0 })
    sum += useOf(readStart(statm), pageSize, 0)
  }
  return sum
}

function followLargest(
  members: ReadonlyMap<number, readonly Member[]>,
  files: ReadonlyMap<number, number>,
): Map<number, Tree> {
  const all = [...members.values()].flat()
  const largest = new Set(all.toSorted((a, b) => b.used - a.used).slice(0, MOST_FOLLOWED))
  const trees = new Map<number, Tree>()
  for (const [root, tree] of members) {
    const followed = new Map<number, Followed>()
    const small = tree.filter((member) => !largest.has(member))
    for (const member of tree) {
      if (!largest.has(member)) continue
      const { pid, shmem } = member
      followed.set(pid, { shmem, statm: files.get(pid) ?? open(pid) })
    }
    const rest = small.reduce((sum, { used }) => sum + used, 0)
    trees.set(root, { followed, small: new Set(small.map(({ pid }) => pid)), rest })
  }
  return trees
}

/** Files that still tell something: one that does not belonged to a process that is gone. */
function openFiles(trees: ReadonlyMap<number, Tree>): ReadonlyMap<number, number> {
  const followed = [...trees.values()].flatMap(({ followed: files }) => Array.from(files))
  return new Map(
    followed.flatMap(([pid, { statm }]) => (statm !== undefined && readStart(statm) !== '' ? [[pid, statm]] : [])),
  )
}

function closeGone(before: ReadonlyMap<number, Tree>, now: ReadonlyMap<number, Tree>): void {
  const files = (trees: ReadonlyMap<number, Tree>) =>
    new Set([...trees.values()].flatMap(({ followed }) => [...followed.values()].map(({ statm }) => statm)))
  const kept = files(now)
  for (const file of files(before)) if (file !== undefined && !kept.has(file)) closeSync(file)
}

/** Undefined where the process is gone. */
function open(pid: number): number | undefined {
  try {
    return openSync(`/proc/${pid}/statm`, 'r')
  } catch {
    return undefined
  }
}

/** RssAnon, and RssShmem as it was. The fields: all pages, resident ones, those of files and shared memory, ... */
function useOf(line: string, pageSize: number, shmem: number): number {
  const [, resident, shared] = line.split(' ', 3).map(Number)
  // One that has ended and was not waited for yet has a line of zeros.
  if (!resident || shared === undefined) return 0
  return (resident - shared) * pageSize + shmem
}

const buffer = Buffer.alloc(512)

/** Empty where the process is gone. */
function readStart(file: number): string {
  try {
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0))
  } catch {
    return ''
  }
}
