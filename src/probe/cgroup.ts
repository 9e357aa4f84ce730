/**
 * The limits that Linux control groups put on this process: of its own group and of every group above it, because the
 * smallest one holds (Node looks at the own group only). Understands version 1, version 2 and both side by side, and
 * a container whose mount shows only its part of the tree. Reads files of a few bytes; where there are none, there is
 * no limit.
 */
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** How much memory one group allows, and how much of that is left before something must be given back. In bytes. */
export interface MemoryLimit {
  readonly limit: number
  /** The limit less what is used, file cache not counted: the kernel gives that up by itself. */
  readonly available: number
}

interface Hierarchy {
  readonly version: 1 | 2
  /** The group of this process and all above it that can be seen, lowest first. Absolute paths. */
  readonly folders: readonly string[]
}

/** The memory limit with the least left, or undefined where no group sets one. `proc`: where procfs is mounted. */
export function readMemoryLimit(proc = '/proc'): MemoryLimit | undefined {
  const limits = readMemoryLimits(proc)
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

function readMemoryLimits(proc: string): readonly MemoryLimit[] {
  return findHierarchies('memory', proc).flatMap(({ version, folders }) =>
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

/** Where a controller's groups of this process stand, in each version that is mounted. */
function findHierarchies(controller: string, proc: string): readonly Hierarchy[] {
  const groups = readText(join(proc, 'self/cgroup'))
    .split('\n')
    .map((line) => /^\d+:([^:]*):(.*)$/.exec(line))
  const path = (version: 1 | 2) =>
    groups.find((group) => (version === 2 ? group?.[1] === '' : group?.[1]?.split(',').includes(controller)))?.[2]
  return readMounts(proc).flatMap(({ type, options, root, point }) => {
    const version = type === 'cgroup2' ? 2 : 1
    const group = path(version)
    if (group === undefined || (version === 1 && !options.split(',').includes(controller))) return []
    return [{ version, folders: foldersUp(point, root, group) }]
  })
}

/** The folders of a group and those above it, up to the mount point. */
function foldersUp(point: string, root: string, group: string): readonly string[] {
  const inside = relative(root, group)
  // A container without a namespace of its own sees a path of the host here: what it can see is the mount point.
  if (inside.startsWith('..')) return [point]
  const folders: string[] = []
  for (let part = inside; part !== '' && part !== '.'; part = dirname(part)) folders.push(join(point, part))
  return [...folders, point]
}

interface Mount {
  readonly type: string
  readonly options: string
  readonly root: string
  readonly point: string
}

function readMounts(proc: string): readonly Mount[] {
  return readText(join(proc, 'self/mountinfo'))
    .split('\n')
    .flatMap((line) => {
      const [left = '', right = ''] = line.split(' - ')
      const [, , , root = '', point = ''] = left.split(' ')
      const [type = '', , options = ''] = right.split(' ')
      return type === 'cgroup' || type === 'cgroup2'
        ? [{ type, options, root: unescape(root), point: unescape(point) }]
        : []
    })
}

/** mountinfo writes blanks and backslashes as octal. */
function unescape(path: string): string {
  return path.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))
}

function readNumber(folder: string, name: string, otherwise = Infinity): number {
  const text = readText(join(folder, name)).trim()
  return /^-?\d+$/.test(text) ? Number(text) : otherwise
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
