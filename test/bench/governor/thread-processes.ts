/** The thread processes of a run, found again and again among the supervisor's children, and the control group they are in. */
import { readText } from './held.ts'
import type { GroupRecord, MemoryGroup } from './memory-group.ts'

/** What batchtop calls the group it makes for the threads of a run. */
const NAME = /^\d+:(?:[^:]*\bmemory\b[^:]*)?:(.*\/batchtop-[^/\n]+)/m

export class ThreadProcesses {
  readonly #client: number
  readonly #limit: number
  readonly #machine: MemoryGroup | undefined
  #supervisor: number | undefined
  #known: ReadonlySet<number> = new Set()
  /** Ours, for threads that batchtop puts into no group. */
  #own: MemoryGroup | undefined
  #theirs: MemoryGroup | undefined
  #record: GroupRecord | undefined

  /** Without a machine they are left under the limits they have. */
  constructor(client: number, limit = Number.POSITIVE_INFINITY, machine?: MemoryGroup) {
    this.#client = client
    this.#limit = limit
    this.#machine = machine
  }

  /** Pids of those that live now. New ones come under the limit. */
  look(): readonly number[] {
    this.#supervisor ??= childrenOf(this.#client).find((pid) => commandOf(pid).includes('batchtop-supervisor'))
    if (this.#supervisor === undefined) return []
    if (!this.#theirs) this.#findTheirs([...this.#known][0])
    const pids = childrenOf(this.#supervisor).filter((pid) => this.#known.has(pid) || isHost(pid))
    for (const pid of pids) if (!this.#known.has(pid)) this.#bring(pid)
    this.#known = new Set(pids)
    this.#record = (this.#theirs ?? this.#own)?.record() ?? this.#record
    return pids
  }

  /** What the kernel had to say of the group, at the last look if it is gone. */
  async close(): Promise<GroupRecord | undefined> {
    this.#record = (this.#theirs ?? this.#own)?.record() ?? this.#record
    await this.#own?.close()
    return this.#record
  }

  #bring(pid: number): void {
    if (this.#theirs || !this.#machine) return
    this.#own ??= this.#machine.within('threads', this.#limit)
    this.#own.add(pid)
  }

  /** Once batchtop's own is seen, it is the one that counts; its limit is what the plan says, which is more than there is. */
  #findTheirs(pid: number | undefined): void {
    if (pid === undefined || !this.#machine) return
    const path = NAME.exec(readText(`/proc/${pid}/cgroup`))?.[1]
    if (path === undefined) return
    this.#theirs = this.#machine.other(path)
    this.#theirs.limit(this.#limit)
  }
}

/** Node makes processes on its main thread only. */
function childrenOf(pid: number): readonly number[] {
  return readText(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number)
}

function isHost(pid: number): boolean {
  return commandOf(pid).includes('/threads/host.js')
}

function commandOf(pid: number): string {
  return readText(`/proc/${pid}/cmdline`)
}
