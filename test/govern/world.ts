/** The made-up threads and all else that a simulation changes as it goes. */
import { createBudgetMeter } from '../../src/govern/budget.ts'
import type { Governor } from '../../src/govern/governor.ts'
import { createGovernor } from '../../src/govern/governor.ts'
import type { Action, Look, ThreadLook } from '../../src/govern/look.ts'
import type { Bytes } from '../../src/model/units.ts'
import type { FakeItem } from './workload.ts'
import { BASE, randomOf, SHELL_BASE } from './workload.ts'

export interface Setup {
  readonly seed: number
  readonly threads: number
  readonly budget: Bytes
  readonly cap: Bytes
  readonly reserve: Bytes
  readonly items: readonly FakeItem[]
  /** What others take of the machine; it has budget and reserve in all. */
  readonly others?: (now: number) => number
  /** A person pauses and resumes threads until then. */
  readonly personUntil?: number
  /** False: as many items at once as there are threads, and nobody looks. */
  readonly isGoverned?: boolean
  /** So many threads are shells that run commands: they neither hold nor collect, and nothing stays with them. */
  readonly shells?: number
}

export interface Acted {
  readonly at: number
  readonly stage: Action['stage']
  readonly thread: number
  /** Of the budget, when it was decided. */
  readonly share: number
}

export interface Fake {
  readonly thread: number
  readonly isShell: boolean
  state: ThreadLook['state']
  by: 'user' | 'governor' | undefined
  isUserPaused: boolean
  item: FakeItem | undefined
  progress: number
  live: number
  garbage: number
  leftover: number
  base: number
  peak: number
  began: number
  standsSince: number
  isFrozen: boolean
  stopAt: number
  reclaimAt: number
  leaveAt: number
  expected: number
  isKnown: boolean
  unstarted: number
}

export interface World {
  readonly setup: Setup
  readonly random: () => number
  readonly governor: Governor
  readonly fakes: readonly Fake[]
  readonly queue: FakeItem[]
  readonly peaks: number[][]
  readonly own: Map<number, { failures: number; peak: number }>
  readonly system: { available: number; held: number; readAt: number }
  readonly meter: ReturnType<typeof createBudgetMeter>
  readonly acted: Acted[]
  readonly evicted: FakeItem[]
  readonly overCap: FakeItem[]
  readonly failed: FakeItem[]
  readonly starts: { item: FakeItem; at: number }[]
  readonly wrong: string[]
  now: number
  lookAt: number
  look: Look | undefined
  heldByUser: number
  done: number
  startedAt: number
}

export function usedBy({ base, leftover, live, garbage, item }: Fake): number {
  // A heap is used again by the next item; memory of another kind is not.
  return base + (item?.isHeap ? Math.max(leftover, live + garbage) : leftover + live + garbage)
}

export const totalOf = ({ fakes }: World) => fakes.reduce((sum, fake) => sum + usedBy(fake), 0)

export function createWorld(setup: Setup): World {
  return {
    setup,
    random: randomOf(setup.seed),
    governor: createGovernor(),
    fakes: Array.from({ length: setup.threads }, (_, index) => createFake(index + 1, index < (setup.shells ?? 0))),
    queue: [...setup.items],
    peaks: [],
    own: new Map(),
    system: { available: 0, held: 0, readAt: -Infinity },
    meter: createBudgetMeter(),
    acted: [],
    evicted: [],
    overCap: [],
    failed: [],
    starts: [],
    wrong: [],
    // A clock that stands at nothing is nobody's.
    now: 1_000_000,
    lookAt: 0,
    look: undefined,
    heldByUser: 0,
    done: 0,
    startedAt: 1_000_000,
  }
}

function createFake(thread: number, isShell: boolean): Fake {
  return {
    thread,
    isShell,
    state: 'idle',
    by: undefined,
    isUserPaused: false,
    item: undefined,
    progress: 0,
    live: 0,
    garbage: 0,
    leftover: 0,
    base: isShell ? SHELL_BASE : BASE,
    peak: 0,
    began: 0,
    standsSince: 0,
    isFrozen: false,
    stopAt: Infinity,
    reclaimAt: Infinity,
    leaveAt: Infinity,
    expected: 0,
    isKnown: false,
    unstarted: 0,
  }
}
