/** What the kernel ended for memory: it says so nowhere but in the counters of control groups. */
import type { Reason } from '../model/reason.ts'
import { sizeText } from '../model/size-text.ts'
import type { Bytes } from '../model/units.ts'
import { bytes } from '../model/units.ts'
import type { HeldChunk, LiveThread } from '../run/live.ts'
import type { Core } from './core.ts'

/** From this share of the cap on it was the cap. */
const NEARLY = 0.9

/** An attempt or a process that has ended. */
interface Ended {
  readonly thread: LiveThread
  readonly held: HeldChunk | undefined
  /** Most memory that anybody saw it take. */
  readonly peak?: Bytes | undefined
}

/**
 * Why a thread's process ended, as it is once the counters were asked. Only one that ended as the kernel ends them: the kill may have been a
 * child of an item long ago, and who crashes now does it for reasons of its own.
 */
export function askKernel(core: Core, ended: Ended, told: Reason): Reason {
  const killed = killedByKernel(core, ended)
  return told.kind === 'lost' && told.code === 'SIGKILL' ? (killed ?? told) : told
}

/** What the kernel ended of this thread since it was asked last; undefined: nothing. */
export function killedByKernel(core: Core, { thread, held, peak = bytes(0) }: Ended): Reason | undefined {
  const limit = newKills(core, thread)
  if (!limit) return undefined
  const cap = held?.cap ?? core.live.cap
  // Only its own cap says what it needs: for what all of them took together the kernel ends the biggest, which may be one that fits.
  const isForCap = limit === 'cap' && peak >= cap * NEARLY
  return {
    kind: 'memory',
    message: `the kernel ended ${thread.kind === 'command' ? 'a process of it' : 'its process'} for memory${peak > 0 ? ` at ${sizeText(peak)}` : ''}`,
    ...(peak > 0 ? { peak } : {}),
    ...(isForCap ? { cap } : {}),
    ...(held?.isAlone ? { wasAlone: true } : {}),
  }
}

type Limit = 'cap' | 'budget'

/** For which limit the kernel ended a process of the thread since we asked last. */
function newKills({ capGroups, governing }: Core, { thread }: LiveThread): Limit | undefined {
  const { kills, hits } = governing.kernelCounts.get(thread) ?? { kills: 0, hits: 0 }
  const now = { kills: capGroups?.kills(thread) ?? 0, hits: capGroups?.hits(thread) ?? 0 }
  governing.kernelCounts.set(thread, now)
  if (now.kills <= kills) return undefined
  return now.hits > hits ? 'cap' : 'budget'
}
