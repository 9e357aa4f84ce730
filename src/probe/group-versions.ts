/** How the two versions of control groups say the same: limits, what is held, kills. */
import { join } from 'node:path'
import type { CapBacking } from '../model/snapshot.ts'
import { type Bytes, bytes } from '../model/units.ts'
import type { ControlFiles } from './control-files.ts'

export interface GroupVersion {
  readonly backing: Exclude<CapBacking, 'polling'>
  /** Lets a fresh group hold groups with limits of their own, which count for it as well. */
  readonly holdGroups: (folder: string) => void
  /** For a fresh group whose processes belong together. */
  readonly holdProcesses: (folder: string) => void
  /** May wait until the kernel has dropped file cache above the limit: 45 ms a GB. */
  readonly limit: (folder: string, limit: Bytes) => void
  /** What it holds now that the kernel cannot drop. */
  readonly held: (folder: string) => Bytes
  /** Processes in it that the kernel killed for want of memory, whichever limit was passed. */
  readonly kills: (folder: string) => number
  /** How often it came to its own limit, not to one around it. */
  readonly hits: (folder: string) => number
}

/** Only tried on a folder that looks like its file system (test/probe/fake-cgroup2.ts), never on a kernel with this controller. */
export function version2(files: ControlFiles): GroupVersion {
  return {
    backing: 'cgroup2',
    holdGroups: (folder) => files.write(join(folder, 'cgroup.subtree_control'), '+memory'),
    holdProcesses(folder) {
      // A kernel without swap has no such file.
      if (files.read(join(folder, 'memory.swap.max')) !== '') files.write(join(folder, 'memory.swap.max'), '0')
      // Half a thread is of no use: all its processes or none.
      files.write(join(folder, 'memory.oom.group'), '1')
    },
    limit: (folder, limit) => files.write(join(folder, 'memory.max'), String(limit)),
    held: (folder) => bytes(number(files, folder, 'memory.current') - cacheIn(files, folder)),
    kills: (folder) => field(files.read(join(folder, 'memory.events')), 'oom_kill'),
    hits: (folder) => field(files.read(join(folder, 'memory.events')), 'oom'),
  }
}

export function version1(files: ControlFiles): GroupVersion {
  const LIMIT = 'memory.limit_in_bytes'
  /** Memory and swap together. Not every kernel counts swap; how often this limit is met some do not count. */
  const LIMIT_WITH_SWAP = 'memory.memsw.limit_in_bytes'
  /** So that the other one is met first. */
  const SWAP = 2 ** 20
  return {
    backing: 'cgroup1',
    holdGroups(folder) {
      const path = join(folder, 'memory.use_hierarchy')
      if (files.read(path).trim() === '0') files.write(path, '1')
    },
    holdProcesses: () => {},
    limit(folder, limit) {
      const now = number(files, folder, LIMIT)
      const names = files.read(join(folder, LIMIT_WITH_SWAP)) === '' ? [LIMIT] : [LIMIT, LIMIT_WITH_SWAP]
      // The limit with swap may never be the lower one.
      for (const name of limit > now ? names.toReversed() : names)
        files.write(join(folder, name), String(name === LIMIT ? limit : limit + SWAP))
    },
    held: (folder) => bytes(number(files, folder, 'memory.usage_in_bytes') - cacheIn(files, folder, 'total_')),
    kills: (folder) => field(files.read(join(folder, 'memory.oom_control')), 'oom_kill'),
    hits: (folder) => number(files, folder, 'memory.failcnt'),
  }
}

/** File cache; what is shared memory is not in these lists. */
function cacheIn(files: ControlFiles, folder: string, prefix = ''): number {
  const stat = files.read(join(folder, 'memory.stat'))
  return field(stat, `${prefix}active_file`) + field(stat, `${prefix}inactive_file`)
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

function number(files: ControlFiles, folder: string, name: string): number {
  return Number.parseInt(files.read(join(folder, name)), 10) || 0
}
