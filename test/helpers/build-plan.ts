/** Compiled plans for tests, from what a test cares about. */
import { batchIndex, itemIndex, threadNumber } from '../../src/model/ids.ts'
import type { Batch, Breaker, CommandWork, LateItems, Level, ModuleWork, Need, Plan } from '../../src/model/plan.ts'
import { DEFAULT_CHECKPOINT } from '../../src/model/plan.ts'
import { bytes, millis } from '../../src/model/units.ts'

export interface BatchSpec {
  readonly id: string
  readonly count: number
  readonly phase?: number
  readonly category?: number
  readonly level?: Level
  readonly threads?: readonly number[]
  readonly threadsOnly?: boolean
  readonly parallel?: number
  readonly needs?: readonly Need[]
  readonly attempts?: number
  readonly task?: string
  /** Command work instead. */
  readonly run?: string
  readonly breaker?: Omit<Breaker, 'wait'> & { readonly wait: number }
  /** Where its items come from when it may start; it has none until then. */
  readonly late?: LateItems
  /** The command that undoes what a failed item did. */
  readonly undo?: string
}

export interface PlanSpec {
  readonly batches: readonly BatchSpec[]
  readonly threads?: number
  readonly phases?: readonly string[]
  readonly ordered?: boolean
  readonly categories?: readonly string[]
  readonly batchSize?: number
}

const GB = 2 ** 30

export function buildPlan(spec: PlanSpec): Plan {
  let first = 0
  const batches = spec.batches.map((one, place) => {
    const batch = buildBatch(one, place, first)
    first += one.count
    return batch
  })
  return {
    name: 'test',
    path: '/plans/test.yaml',
    folder: '/plans',
    threads: spec.threads ?? 2,
    memory: {
      total: bytes(16 * GB),
      reserve: bytes(4 * GB),
      budget: bytes(12 * GB),
      perThread: bytes(2 * GB),
      isCapGiven: true,
    },
    ...(spec.batchSize === undefined ? {} : { batchSize: spec.batchSize }),
    checkpoint: millis(DEFAULT_CHECKPOINT),
    categories: spec.categories ?? [],
    phases: (spec.phases ?? []).map((id) => ({ id, title: id })),
    isOrdered: spec.ordered ?? true,
    batches,
    items: first,
    ...(batches.some(({ late }) => late) ? { hasLate: true } : {}),
  }
}

function buildBatch(spec: BatchSpec, place: number, first: number): Batch {
  return {
    index: batchIndex(place),
    id: spec.id,
    title: spec.id,
    ...(spec.phase === undefined ? {} : { phase: spec.phase }),
    ...(spec.category === undefined ? {} : { category: spec.category }),
    level: spec.level ?? 'medium',
    threads: (spec.threads ?? []).map(threadNumber),
    isThreadsOnly: spec.threadsOnly ?? false,
    ...(spec.parallel === undefined ? {} : { parallel: spec.parallel }),
    first: itemIndex(first),
    count: spec.count,
    ...(spec.late ? { late: spec.late } : {}),
    names: spec.late
      ? { kind: 'list', names: [] }
      : { kind: 'pattern', prefix: `${spec.id}-`, from: 1, width: 3, suffix: '' },
    special: {},
    work: spec.run === undefined ? moduleWork(spec.task) : commandWork(spec.run),
    needs: spec.needs ?? [],
    retry: { attempts: spec.attempts ?? 1, min: millis(2000), max: millis(60_000) },
    ...(spec.breaker ? { breaker: { ...spec.breaker, wait: millis(spec.breaker.wait) } } : {}),
    ...(spec.undo === undefined ? {} : { undo: commandWork(spec.undo) }),
  }
}

function moduleWork(task = '/tasks/none.ts'): ModuleWork {
  return { kind: 'module', task, with: null, cwd: '/plans', env: {} }
}

function commandWork(text: string): CommandWork {
  return {
    kind: 'command',
    run: { kind: 'script', text, shell: ['/bin/sh', '-e'], script: [text] },
    cwd: '/plans',
    env: {},
  }
}
