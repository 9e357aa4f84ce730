/** The thread processes of a run, found again and again among the supervisor's children, and the control group they are in. */
import { readText } from './held.ts'
import type { GroupRecord, MemoryGroup } from './memory-group.ts'

/** What batchtop calls the group it makes for the threads of a run, beside itself and before there are any. */
const THEIRS = /^batchtop-[0-9a-f]+-\d+$/

export class ThreadProcesses {
  readonly #client: number
  readonly #limit: number
  readonly #machine: MemoryGroup | undefined
  #supervisor: number | undefined
  #known: ReadonlySet<number> = new Set()
  #group: MemoryGroup | undefined
  /** False: batchtop puts its threads into no group, so they are put into one of ours. */
  #isTheirs = false
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
    const pids = childrenOf(this.#supervisor).filter((pid) => this.#known.has(pid) || isHost(pid))
    for (const pid of pids) if (!this.#known.has(pid)) this.#bring(pid)
    this.#known = new Set(pids)
    this.#record = this.#group?.record() ?? this.#record
    // As batchtop makes it, it allows all that the plan counts on.
    if (this.#isTheirs) this.#group?.lower(this.#limit)
    return pids
  }

  /** What the kernel had to say of the group, at the last look if it is gone. */
  async close(): Promise<GroupRecord | undefined> {
    this.#record = this.#group?.record() ?? this.#record
    if (!this.#isTheirs) await this.#group?.close()
    return this.#record
  }

  #bring(pid: number): void {
    if (!this.#machine) return
    if (!this.#group) {
      this.#group = this.#machine.find(THEIRS)
      this.#isTheirs = this.#group !== undefined
    }
    if (this.#isTheirs) return
    this.#group ??= this.#machine.within('threads', this.#limit)
    this.#group.add(pid)
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
