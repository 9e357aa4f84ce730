/**
 * Runs a pool program in a process of its own under the limit. It is spared the two items that do not fit: the one that aborts its process
 * would end it whatever it does about memory.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { inGroup } from './in-group.ts'
import { MemoryGroup } from './memory-group.ts'
import type { Outcome, Role } from './outcome.ts'
import { countUp } from './outcome.ts'
import type { Closing, Orders } from './peers/orders.ts'
import { readTrace } from './tasks/trace.ts'
import type { Trial } from './trial.ts'
import type { Watched } from './watch.ts'
import { Watch } from './watch.ts'

export interface Peer {
  readonly name: string
  readonly role: Role
  readonly program: URL
  readonly threads: number
  /** Most heap of one worker, in MB; left out: V8's own. */
  readonly heap?: number
}

export async function runPeer({ name, role, program, threads, heap }: Peer, trial: Trial): Promise<Outcome> {
  const { seed, sizing, folder } = trial
  const items = trial.items.filter(({ isFitting }) => isFitting)
  const path = join(folder, `${role}-${threads}-${seed}.trace`)
  const orders: Orders = { items, threads, budget: sizing.budget, trace: path, ...(heap === undefined ? {} : { heap }) }
  const group = MemoryGroup.create(`bench-governor-${process.pid}`, sizing.budget)
  const { closing, signal, peakHeld, meanHeld } = await runProgram(program, orders, group)
  const counted = countUp({ items, traced: readTrace(path), group: group?.record() })
  await group?.close()
  const ended = signal ? `ended by ${signal}` : ''
  const note = closing?.failed ? `${closing.failed} failed` : ended
  return { contender: name, role, seed, ...counted, peakHeld, meanHeld, ms: closing?.ms, note }
}

interface Ended extends Watched {
  readonly closing: Closing | undefined
  readonly signal: NodeJS.Signals | null
}

async function runProgram(program: URL, orders: Orders, group: MemoryGroup | undefined): Promise<Ended> {
  const child = inGroup(group, [fileURLToPath(program), JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, ...MALLOC },
  })
  let out = ''
  child.stdout?.on('data', (data) => (out += data))
  const watch = new Watch(() => (child.pid === undefined ? [] : [child.pid]))
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  const last = out.trim().split('\n').at(-1)
  return { closing: last ? (JSON.parse(last) as Closing) : undefined, signal, ...watch.stop() }
}

/** As batchtop sets them for its threads. Without them freed memory stays with the process, and pools do worse than they have to. */
const MALLOC = { MALLOC_MMAP_THRESHOLD_: '262144', MALLOC_TRIM_THRESHOLD_: '131072' }
