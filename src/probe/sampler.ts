/**
 * Looks at memory and CPU: of the system and of each thread's process tree. May import model; systeminformation is
 * loaded at the first look. The supervisor takes a full look about twice a second (1 ms of CPU with six threads on Linux),
 * and quick ones in between when memory gets scarce (30 us, or 200 us where those threads are shells).
 */
import type { Sample } from '../model/chunk.ts'
import type { ThreadNumber } from '../model/ids.ts'
import { type Bytes, bytes } from '../model/units.ts'
import type { MemoryLimit } from './cgroup.ts'
import { createListReader } from './process-list.ts'
import { createTreeReader } from './process-trees.ts'
import type { Root } from './quick-look.ts'
import { createQuickReader } from './quick-look.ts'
import { createSystemReader } from './system.ts'

export interface Sampler {
  /**
   * One look. `pid`: the first process of the thread, best the leader of a group or session of its own. A thread
   * whose process is gone uses 0. CPU is since this sampler's look before; 0 at the first. Looks must not overlap.
   */
  readonly sample: (threads: readonly ThreadProcess[]) => Promise<Sample>
  /**
   * A look at memory alone, for many a second, at any time: of the processes that the last `sample` found, the first process of a thread
   * that is new since, and all that is below a shell now. Undefined before the first `sample`, and where there is no procfs.
   */
  readonly quick: (threads: readonly ThreadProcess[]) => QuickSample | undefined
  /** The same of one thread, by its first process, and of nothing else. */
  readonly usedNow: (root: Root) => Bytes | undefined
}

/** What a quick look gives: the system's available memory where the kernel says it, and what each thread uses, as in `Sample`. */
export interface QuickSample {
  readonly threads: readonly { readonly thread: ThreadNumber; readonly used: Bytes }[]
  readonly available?: Bytes
}

export interface ThreadProcess extends Root {
  readonly thread: ThreadNumber
}

/** The last full look, for what a quick one cannot read. */
interface FullLook {
  readonly used: number
  readonly group: MemoryLimit | undefined
}

export function createSampler(): Sampler {
  const isLinux = process.platform === 'linux'
  const readSystem = createSystemReader()
  const readTrees = isLinux ? createTreeReader() : createListReader()
  const quickReader = isLinux ? createQuickReader() : undefined
  let last: FullLook | undefined
  return {
    async sample(threads) {
      const [{ system, group }, uses] = await Promise.all([readSystem(), readTrees(threads.map(({ pid }) => pid))])
      quickReader?.follow(new Map(threads.map(({ pid }, place) => [pid, uses[place]?.members ?? []])))
      last = { used: sum(uses.map(({ used }) => used)), group }
      return {
        system,
        threads: threads.map(({ thread }, place) => ({
          thread,
          used: uses[place]?.used ?? bytes(0),
          cpu: uses[place]?.cpu ?? 0,
        })),
      }
    },
    usedNow: (root) => (last ? quickReader?.read([root])[0] : undefined),
    quick(threads) {
      if (!quickReader || !last) return undefined
      const uses = quickReader.read(threads)
      const available = quickReader.readAvailable()
      return {
        threads: threads.map(({ thread }, place) => ({ thread, used: uses[place] ?? bytes(0) })),
        ...(available === undefined ? {} : { available: leastAvailable(available, last, uses) }),
      }
    },
  }
}

/** A control group's files take longer to read: what it left at the last full look, less what the threads took since. */
function leastAvailable(system: Bytes, { used, group }: FullLook, uses: readonly Bytes[]): Bytes {
  const left = (group?.available ?? Infinity) - (sum(uses) - used)
  return bytes(Math.max(0, Math.min(system, left)))
}

const sum = (amounts: readonly Bytes[]): number => amounts.reduce((total, amount) => total + amount, 0)
