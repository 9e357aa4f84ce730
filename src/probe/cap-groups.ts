/**
 * Caps that the kernel keeps: a control group for the run, and in it one for each thread. The governor looks at memory and acts at the
 * cap itself; between two looks a thread can take more than the machine has, and then the kernel ends this thread and nothing
 * else. May import model. Where groups cannot be made (no Linux, no permission, none handed to us), nothing is, and the
 * governor is alone.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RunId, ThreadNumber } from '../model/ids.ts'
import type { CapBacking } from '../model/snapshot.ts'
import { type Bytes, bytes } from '../model/units.ts'
import { findHierarchies } from './cgroup-tree.ts'
import { attempt, type ControlFiles, controlFiles } from './control-files.ts'
import { type GroupVersion, version1, version2 } from './group-versions.ts'
import { takeOwnGroup } from './own-group.ts'

export interface CapGroups {
  readonly backing: CapBacking
  /** Best right after the process was started: what it has until then is not moved, what it starts from then on is in the group as well. */
  join(thread: ThreadNumber, pid: number): Promise<void>
  /**
   * Holds for every process from now on. Threads that are spared keep their limit until their next process. No limit is ever set below what
   * its group holds: the kernel would kill at once, where the governor would first do something kinder.
   */
  setCap(cap: Bytes, isSpared: (thread: ThreadNumber) => boolean): void
  /** How many processes of the thread the kernel killed for want of memory, in all. */
  kills(thread: ThreadNumber): number
  /** How often the thread came to its own limit, in all: where it did not, what it was killed for is the limit of the run. */
  hits(thread: ThreadNumber): number
  /** Removes the groups that are empty; may be called again. */
  close(): void
}

export interface CapGroupOptions {
  readonly run: RunId
  readonly budget: Bytes
  readonly cap: Bytes
  /** Where procfs is mounted. */
  readonly proc?: string
  readonly files?: ControlFiles
}

const MB = 2 ** 20

/** The governor acts at the cap, and ends what is a tenth above it: the kernel is for what is too quick for it. */
const threadLimit = (cap: number) => cap * 1.15 + 32 * MB

/**
 * Groups count more than the governor does: file cache, for which no room is needed (the kernel drops it before it kills; with none at
 * all it would read the running programs from disk again and again), and memory of the kernel's own, which stays (1 MB a host,
 * 0.2 % of what is used for page tables, files in a tmpfs). Set at the budget itself, the kernel would kill the biggest thread
 * before the governor's own last means. The little above it is the reserve's, which is there for that. Nor is the kernel good at it: it
 * kills the biggest, and now and then a second one before the memory of the first is free.
 */
const runLimit = (budget: number) => budget * 1.02 + 16 * MB

/** Room to move where a limit has to be above its target. */
const SPARE = 32 * MB

export function openCapGroups(options: CapGroupOptions): CapGroups {
  const { proc = '/proc', files = controlFiles } = options
  for (const { version, folders } of findHierarchies('memory', proc).toSorted((a, b) => b.version - a.version)) {
    const [own] = folders
    const groups = own && (version === 2 ? openInOwn(own, options) : openIn(own, version1(files), options))
    if (groups) return groups
  }
  return polling
}

const polling: CapGroups = {
  backing: 'polling',
  join: () => Promise.resolve(),
  setCap: () => {},
  kills: () => 0,
  hits: () => 0,
  close: () => {},
}

function openInOwn(folder: string, options: CapGroupOptions): CapGroups | undefined {
  const { proc = '/proc', files = controlFiles } = options
  const own = attempt(() => takeOwnGroup(folder, files, proc))
  const groups = own && openIn(own.folder, version2(files), options)
  if (!groups) own?.giveBack()
  return groups
}

function openIn(parent: string, version: GroupVersion, options: CapGroupOptions): CapGroups | undefined {
  const { run, budget, proc = '/proc', files = controlFiles } = options
  removeLeftOvers(parent, files, proc)
  const folder = join(parent, `batchtop-${run}-${process.pid}`)
  if (!attempt(() => (files.makeGroup(folder), true))) return undefined
  const isMade = attempt(() => {
    version.holdGroups(folder)
    setLimit(version, folder, runLimit(budget))
    return true
  })
  if (isMade) return createGroups(folder, version, options)
  attempt(() => files.removeGroup(folder))
  return undefined
}

/** @throws what the kernel answers */
function setLimit(version: GroupVersion, folder: string, target: number): void {
  version.limit(folder, bytes(Math.ceil(Math.max(target, version.held(folder) + SPARE))))
}

function createGroups(folder: string, version: GroupVersion, options: CapGroupOptions): CapGroups {
  const { files = controlFiles } = options
  const threads = new Map<ThreadNumber, string>()
  let { cap } = options
  // What the kernel refuses leaves the limit as it was: the governor is there all the same.
  const limit = (group: string, target: number) => attempt(() => setLimit(version, group, target))
  const groupOf = (thread: ThreadNumber) => {
    const group = threads.get(thread) ?? join(folder, `thread-${thread}`)
    if (threads.has(thread)) return group
    files.makeGroup(group)
    threads.set(thread, group)
    version.holdProcesses(group)
    return group
  }
  return {
    backing: version.backing,
    async join(thread, pid) {
      const group = attempt(() => groupOf(thread))
      if (group === undefined) return
      // Anew for each process: the one before it may have been above a cap that was lowered.
      limit(group, threadLimit(cap))
      // It may be gone already.
      await files.move(group, pid).catch(() => undefined)
    },
    setCap(next, isSpared) {
      cap = next
      for (const [thread, group] of threads) if (!isSpared(thread)) limit(group, threadLimit(cap))
    },
    kills: (thread) => version.kills(threads.get(thread) ?? ''),
    hits: (thread) => version.hits(threads.get(thread) ?? ''),
    close: () => removeAll(folder, files),
  }
}

/** Groups of supervisors of ours that are gone. */
function removeLeftOvers(parent: string, files: ControlFiles, proc: string): void {
  for (const name of files.list(parent)) {
    const pid = /^batchtop-[0-9a-f]+-(\d+)$/.exec(name)?.[1]
    if (pid !== undefined && !existsSync(join(proc, pid))) removeAll(join(parent, name), files)
  }
}

/** With all in it: an item may have been a run of its own. */
function removeAll(folder: string, files: ControlFiles): void {
  for (const name of files.list(folder)) removeAll(join(folder, name), files)
  attempt(() => files.removeGroup(folder))
}
