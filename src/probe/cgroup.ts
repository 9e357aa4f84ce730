/**
 * The limits that Linux control groups put on this process: of its own group and of every group above it, because the
 * smallest one holds (Node looks at the own group only). Reads files of a few bytes; where there are none, there is no
 * limit.
 */
import { join } from 'node:path'
import { findHierarchies, type Hierarchy, readNumber, readText } from './cgroup-tree.ts'

/** How much memory one group allows, and how much of that is left before something must be given back. In bytes. */
export interface MemoryLimit {
  readonly limit: number
  /** The limit less what is used, file cache not counted: the kernel gives that up by itself. */
  readonly available: number
}

/** The memory limit with the least left, or undefined where no group sets one. `proc`: where procfs is mounted; `hierarchies`: the own groups, where they are known already. */
export function readMemoryLimit(
  proc = '/proc',
  hierarchies = findHierarchies('memory', proc),
): MemoryLimit | undefined {
  const limits = readMemoryLimits(hierarchies)
  return limits.reduce<MemoryLimit | undefined>(
    (least, next) => ({
      limit: Math.min(least?.limit ?? Infinity, next.limit),
      available: Math.min(least?.available ?? Infinity, next.available),
    }),
    undefined,
  )
}

/** The CPU time the groups allow, in cores (1.5: one and a half), or undefined where none sets a quota. */
export function readCpuQuota(proc = '/proc'): number | undefined {
  const quotas = findHierarchies('cpu', proc).flatMap(({ version, folders }) =>
    folders.map((folder) => (version === 2 ? readCpuMax(folder) : readCfsQuota(folder))),
  )
  const least = Math.min(...quotas)
  return Number.isFinite(least) ? least : undefined
}

function readMemoryLimits(hierarchies: readonly Hierarchy[]): readonly MemoryLimit[] {
  return hierarchies.flatMap(({ version, folders }) =>
    folders.flatMap((folder) => {
      const limit =
        version === 2
          ? Math.min(readNumber(folder, 'memory.max'), readNumber(folder, 'memory.high'))
          : readNumber(folder, 'memory.limit_in_bytes')
      // Version 1 says "none" as the highest multiple of a page in 63 bits.
      if (limit >= 2 ** 62) return []
      const used = readNumber(folder, version === 2 ? 'memory.current' : 'memory.usage_in_bytes', 0)
      return [{ limit, available: clamp(limit - used + readCache(folder, version), limit) }]
    }),
  )
}

function clamp(value: number, high: number): number {
  return Math.max(0, Math.min(high, value))
}

/** File cache in a group's use. Pages of shared memory are not in these lists. */
function readCache(folder: string, version: 1 | 2): number {
  const prefix = version === 2 ? '' : 'total_'
  const stat = readText(join(folder, 'memory.stat'))
  const field = (name: string) => Number(new RegExp(`^${prefix}${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0)
  return field('active_file') + field('inactive_file')
}

function readCpuMax(folder: string): number {
  const [quota, period] = readText(join(folder, 'cpu.max')).trim().split(' ').map(Number)
  return quota && period ? quota / period : Infinity
}

function readCfsQuota(folder: string): number {
  const quota = readNumber(folder, 'cpu.cfs_quota_us', -1)
  return quota > 0 ? quota / readNumber(folder, 'cpu.cfs_period_us') : Infinity
}
