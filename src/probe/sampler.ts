/**
 * Looks at memory and CPU: of the system and of each thread's process tree. May import model; systeminformation is
 * loaded at the first look. The supervisor calls it about twice a second (about 1 ms of CPU a look with six threads
 * on Linux).
 */
import type { Sample } from '../model/chunk.ts'
import type { ThreadNumber } from '../model/ids.ts'
import { bytes } from '../model/units.ts'
import { readMemoryLimit } from './cgroup.ts'
import { createListReader } from './process-list.ts'
import { createTreeReader } from './process-trees.ts'

export interface Sampler {
  /**
   * One look. `pid`: the first process of the thread, best the leader of a group or session of its own. A thread
   * whose process is gone uses 0. CPU is since this sampler's look before; 0 at the first. Looks must not overlap.
   */
  readonly sample: (threads: readonly ThreadProcess[]) => Promise<Sample>
}

interface ThreadProcess {
  readonly thread: ThreadNumber
  readonly pid: number
}

export function createSampler(): Sampler {
  const readTrees = process.platform === 'linux' ? createTreeReader() : createListReader()
  return {
    async sample(threads) {
      const [system, uses] = await Promise.all([readSystem(), readTrees(threads.map(({ pid }) => pid))])
      return {
        system,
        threads: threads.map(({ thread }, place) => ({
          thread,
          used: uses[place]?.used ?? bytes(0),
          cpu: uses[place]?.cpu ?? 0,
        })),
      }
    },
  }
}

/** systeminformation knows each system's way to say "available", but no control groups. */
async function readSystem(): Promise<Sample['system']> {
  const { default: si } = await import('systeminformation')
  const { total, available } = await si.mem()
  const group = readMemoryLimit()
  return {
    total: bytes(Math.min(total, group?.limit ?? Infinity)),
    available: bytes(Math.min(available, group?.available ?? Infinity)),
  }
}
