/**
 * Memory of process trees for many looks a second: who belongs to them is what the last full look found, and of each only `statm` is
 * read, through a descriptor that stays open (2 us a process; opening and closing it each time takes 7). An open descriptor is also
 * bound to its process: one that gets the same number later is never taken for it.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs'
import os from 'node:os'
import { type Bytes, bytes } from '../model/units.ts'

/** A process that a full look found to be of a tree. */
export interface Member {
  readonly pid: number
  readonly used: Bytes
  /** RssShmem, a part of `used`: `statm` does not tell it from file pages. */
  readonly shmem: Bytes
}

export interface QuickReader {
  /** What a full look found: who belongs to each root. */
  readonly follow: (trees: ReadonlyMap<number, readonly Member[]>) => void
  /** What each root's tree uses now. A root that no full look knew is read by itself. */
  readonly read: (roots: readonly number[]) => readonly Bytes[]
  /** MemAvailable; undefined where the kernel does not say. */
  readonly readAvailable: () => Bytes | undefined
}

interface Followed {
  readonly pid: number
  readonly statm: number | undefined
  readonly shmem: number
}

interface Tree {
  readonly followed: readonly Followed[]
  /** What the others used at the last full look. */
  readonly rest: number
}

/** So many of the largest are followed: commands may start hundreds of small ones, and each costs its 2 us. */
const MOST_FOLLOWED = 64

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
  const readTree = ({ followed, rest }: Tree) =>
    bytes(followed.reduce((sum, { statm, shmem }) => sum + readUse(statm, pageSize, shmem), rest))
  return {
    follow(members) {
      const before = trees
      trees = followLargest(members, openFiles(before))
      closeGone(before, trees)
    },
    read: (roots) =>
      roots.map((root) => {
        const tree = trees.get(root) ?? { followed: [{ pid: root, statm: open(root), shmem: 0 }], rest: 0 }
        // One that is there stays open until the next full look.
        if (tree.followed.some(({ statm }) => statm !== undefined)) trees.set(root, tree)
        return readTree(tree)
      }),
    readAvailable() {
      meminfo ??= openSync('/proc/meminfo', 'r')
      const found = /^MemAvailable:\s+(\d+) kB$/m.exec(readStart(meminfo))
      return found ? bytes(Number(found[1]) * 1024) : undefined
    },
  }
}

function followLargest(
  members: ReadonlyMap<number, readonly Member[]>,
  files: ReadonlyMap<number, number>,
): Map<number, Tree> {
  const all = [...members.values()].flat()
  const largest = new Set(all.toSorted((a, b) => b.used - a.used).slice(0, MOST_FOLLOWED))
  const trees = new Map<number, Tree>()
  for (const [root, tree] of members) {
    const followed = tree.filter((member) => largest.has(member))
    const rest = tree.reduce((sum, member) => sum + (largest.has(member) ? 0 : member.used), 0)
    trees.set(root, {
      followed: followed.map(({ pid, shmem }) => ({ pid, shmem, statm: files.get(pid) ?? open(pid) })),
      rest,
    })
  }
  return trees
}

/** Files that still tell something: one that does not belonged to a process that is gone. */
function openFiles(trees: ReadonlyMap<number, Tree>): ReadonlyMap<number, number> {
  const followed = [...trees.values()].flatMap((tree) => tree.followed)
  return new Map(
    followed.flatMap(({ pid, statm }) => (statm !== undefined && readStart(statm) !== '' ? [[pid, statm]] : [])),
  )
}

function closeGone(before: ReadonlyMap<number, Tree>, now: ReadonlyMap<number, Tree>): void {
  const files = (trees: ReadonlyMap<number, Tree>) =>
    new Set([...trees.values()].flatMap(({ followed }) => followed.map(({ statm }) => statm)))
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

/** RssAnon, and RssShmem as it was; 0 for one that is gone. The fields: all pages, resident ones, those of files and shared memory, ... */
function readUse(statm: number | undefined, pageSize: number, shmem: number): number {
  const [, resident, shared] = statm === undefined ? [] : readStart(statm).split(' ', 3).map(Number)
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
