/**
 * A control group that the kernel holds to a limit of memory, and what it has to say: its highest use, and how many processes it killed. Version
 * 1 takes root; version 2 takes a group whose memory controller was handed on to us.
 */
import { existsSync, mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { readText } from './held.ts'

interface Files {
  readonly limit: string
  readonly peak: string
  readonly kills: string
  readonly swap: string
  readonly noSwap: (limit: number) => number
}

const V1: Files = {
  limit: 'memory.limit_in_bytes',
  peak: 'memory.max_usage_in_bytes',
  kills: 'memory.oom_control',
  swap: 'memory.memsw.limit_in_bytes',
  noSwap: (limit) => limit,
}
const V2: Files = {
  limit: 'memory.max',
  peak: 'memory.peak',
  kills: 'memory.events',
  swap: 'memory.swap.max',
  noSwap: () => 0,
}

export interface GroupRecord {
  /** Bytes, file pages included; NaN where the kernel does not count it. */
  readonly peak: number
  readonly kills: number
}

export class MemoryGroup {
  readonly path: string
  readonly version: 1 | 2
  readonly #inner: MemoryGroup[] = []

  private constructor(path: string, version: 1 | 2) {
    this.path = path
    this.version = version
  }

  /** A new group, or undefined where no limit can be set. */
  static create(name: string, limit: number): MemoryGroup | undefined {
    for (const { folder, version } of memoryFolders()) {
      const group = new MemoryGroup(join(folder, name), version)
      try {
        mkdirSync(group.entrance, { recursive: true })
        group.limit(limit)
        if (version === 2) writeFileSync(join(group.path, 'cgroup.subtree_control'), '+memory')
        return group
      } catch {
        group.#remove()
      }
    }
    return undefined
  }

  /** Folder of the group that processes join: in version 2 a group that has groups in it has no processes of its own. */
  get entrance(): string {
    return this.version === 1 ? this.path : join(this.path, 'main')
  }

  /** A group below this one. */
  within(name: string, limit: number): MemoryGroup {
    const group = new MemoryGroup(join(this.path, name), this.version)
    mkdirSync(group.entrance, { recursive: true })
    group.limit(limit)
    this.#inner.push(group)
    return group
  }

  /** A group that one of its processes has made. */
  find(name: RegExp): MemoryGroup | undefined {
    const found = foldersIn(this.entrance).find((folder) => name.test(folder))
    return found === undefined ? undefined : new MemoryGroup(join(this.entrance, found), this.version)
  }

  /** A process that is gone cannot be added, which is nobody's fault. */
  add(pid: number): void {
    try {
      writeFileSync(join(this.entrance, 'cgroup.procs'), String(pid))
    } catch {}
  }

  limit(bytes: number): void {
    const { limit, swap, noSwap } = this.#files
    writeFileSync(join(this.path, limit), String(Math.floor(bytes)))
    if (existsSync(join(this.path, swap))) writeFileSync(join(this.path, swap), String(noSwap(Math.floor(bytes))))
  }

  /** Sets the limit where it is a higher one. It is refused while more is in use. */
  lower(bytes: number): void {
    const now = Number.parseInt(readText(join(this.path, this.#files.limit)), 10)
    try {
      if (now > bytes) this.limit(bytes)
    } catch {}
  }

  /** Undefined once it is gone. */
  record(): GroupRecord | undefined {
    const own = this.#killsIn(this.path)
    if (own === undefined) return undefined
    // Version 1 counts a kill only in the group that the process was in.
    const below =
      this.version === 2 ? [] : foldersIn(this.path).map((name) => this.#killsIn(join(this.path, name)) ?? 0)
    const peak = Number.parseInt(readText(join(this.path, this.#files.peak)), 10)
    return { peak, kills: below.reduce((sum, kills) => sum + kills, own) }
  }

  /** Its processes have ended, or are about to. */
  async close(): Promise<void> {
    for (const group of this.#inner) await group.close()
    for (let tries = 0; !this.#remove() && tries < 100; tries += 1) await setTimeout(50)
  }

  #killsIn(folder: string): number | undefined {
    const kills = /^oom_kill (\d+)$/m.exec(readText(join(folder, this.#files.kills)))?.[1]
    return kills === undefined ? undefined : Number(kills)
  }

  get #files(): Files {
    return this.version === 1 ? V1 : V2
  }

  #remove(): boolean {
    try {
      if (this.entrance !== this.path && existsSync(this.entrance)) rmdirSync(this.entrance)
      rmdirSync(this.path)
    } catch {
      return !existsSync(this.path)
    }
    return true
  }
}

interface Mount {
  readonly folder: string
  readonly version: 1 | 2
}

/** Where groups with a limit could be made: mounts of version 1 with its memory controller, and of version 2 where it has one. */
function memoryFolders(): readonly Mount[] {
  const mounts = readText('/proc/self/mounts').split('\n')
  return mounts.flatMap((line): readonly Mount[] => {
    const [, folder = '', type, options = ''] = line.split(' ')
    if (type === 'cgroup2') return hasMemory(folder) ? [{ folder, version: 2 }] : []
    return type === 'cgroup' && options.split(',').includes('memory') ? [{ folder, version: 1 }] : []
  })
}

/** Names; none where it is gone. */
function foldersIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  } catch {
    return []
  }
}

function hasMemory(folder: string): boolean {
  return readText(join(folder, 'cgroup.subtree_control')).split(/\s/).includes('memory')
}
