/** Events in few words, and a run that lives through them. */
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { Reason } from '../../src/model/reason.ts'
import { bytes, millis, wallTime } from '../../src/model/units.ts'
import { reduce } from '../../src/run/reduce.ts'
import { settle } from '../../src/run/settle.ts'
import type { RunState } from '../../src/run/state.ts'
import { createRunState } from '../../src/run/state.ts'

const THREW: Reason = { kind: 'threw', message: 'broken' }

export const chunk = (batch: number, items: readonly number[], thread = 1): RunEvent => ({
  type: 'chunk.started',
  thread: threadNumber(thread),
  batch: batchIndex(batch),
  items: items.map(itemIndex),
})

interface Measured {
  readonly thread?: number
  /** What it took of memory. */
  readonly peak?: number | undefined
}

export const succeeded = (
  batch: number,
  items: readonly number[],
  { thread = 1, ms = 1, peak }: Measured & { readonly ms?: number } = {},
): RunEvent => ({
  type: 'items.succeeded',
  thread: threadNumber(thread),
  batch: batchIndex(batch),
  items: items.map(itemIndex),
  attempts: items.map(() => 1),
  ms: items.map(() => ms),
  ...(peak === undefined ? {} : { peaks: items.map(() => peak) }),
})

export const listed = (batch: number, names: readonly string[]): Extract<RunEvent, { type: 'batch.listed' }> => ({
  type: 'batch.listed',
  batch: batchIndex(batch),
  names: { kind: 'list', names },
  count: names.length,
})

interface Ended extends Measured {
  readonly attempt?: number
  readonly reason?: Reason
}

export const failed = (item: number, ended: Ended = {}): RunEvent => ({ type: 'item.failed', ...attempt(item, ended) })

export const retrying = (item: number, retryAt: number, ended: Ended = {}): RunEvent => ({
  type: 'item.retrying',
  ...attempt(item, ended),
  retryAt: wallTime(retryAt),
})

const attempt = (item: number, { thread = 1, attempt: number = 1, reason = THREW, peak }: Ended) => ({
  item: itemIndex(item),
  thread: threadNumber(thread),
  attempt: number,
  ms: millis(1),
  reason,
  ...(peak === undefined ? {} : { peak: bytes(peak) }),
})

export const undone = (item: number, reason?: Reason): RunEvent => ({
  type: 'item.undone',
  item: itemIndex(item),
  thread: threadNumber(1),
  ms: millis(1),
  ...(reason ? { reason } : {}),
})

export const opened = (batch: number, until: number, failures = 2, of = 2): RunEvent => ({
  type: 'breaker.opened',
  batch: batchIndex(batch),
  failures,
  of,
  until: wallTime(until),
})

export const requeued = (...items: readonly number[]): RunEvent => ({
  type: 'items.requeued',
  failed: items.map(itemIndex),
  skipped: [],
  unskipped: [],
})

export const returned = (
  batch: number,
  items: readonly number[],
  how: Extract<RunEvent, { type: 'items.returned' }>['how'],
  { thread = 1, peak }: Measured = {},
): RunEvent => ({
  type: 'items.returned',
  thread: threadNumber(thread),
  batch: batchIndex(batch),
  items: items.map(itemIndex),
  how,
  ...(peak === undefined ? {} : { peak: bytes(peak) }),
})

type Recovered = Extract<RunEvent, { type: 'run.recovered' }>

export const recovery = (plan: Plan, fields: Partial<Recovered> = {}): Recovered => ({
  type: 'run.recovered',
  run: runId('7f3a'),
  plan: plan.name,
  items: plan.items,
  threads: plan.threads,
  memory: plan.memory,
  epoch: 2,
  planVersion: 1,
  changed: 'keep',
  succeeded: 0,
  requeued: 0,
  new: 0,
  gone: 0,
  paused: 0,
  lost: [],
  ...fields,
})

/** Applies events; the durable watermark follows at once unless told otherwise. */
export function live(state: RunState, events: readonly RunEvent[], { at = 1000, isDurable = true } = {}): RunState {
  for (const event of events) {
    reduce(state, event, wallTime(at))
    if (isDurable) settle(state, { seq: state.seq + 1, at: wallTime(at), event })
  }
  return state
}

export function runOf(plan: Plan, events: readonly RunEvent[] = []): RunState {
  return live(createRunState(plan), events)
}
