/** Events in few words, and a run that lives through them. */
import type { RunEvent } from '../../src/model/event.ts'
import { batchIndex, itemIndex, runId, threadNumber } from '../../src/model/ids.ts'
import type { Plan } from '../../src/model/plan.ts'
import type { Reason } from '../../src/model/reason.ts'
import { millis, wallTime } from '../../src/model/units.ts'
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

export const succeeded = (batch: number, items: readonly number[], { thread = 1, ms = 1 } = {}): RunEvent => ({
  type: 'items.succeeded',
  thread: threadNumber(thread),
  batch: batchIndex(batch),
  items: items.map(itemIndex),
  attempts: items.map(() => 1),
  ms: items.map(() => ms),
})

export const failed = (item: number, { thread = 1, attempt = 1 } = {}): RunEvent => ({
  type: 'item.failed',
  item: itemIndex(item),
  thread: threadNumber(thread),
  attempt,
  ms: millis(1),
  reason: THREW,
})

export const retrying = (item: number, retryAt: number, { thread = 1, attempt = 1 } = {}): RunEvent => ({
  type: 'item.retrying',
  item: itemIndex(item),
  thread: threadNumber(thread),
  attempt,
  ms: millis(1),
  reason: THREW,
  retryAt: wallTime(retryAt),
})

export const returned = (
  batch: number,
  items: readonly number[],
  how: Extract<RunEvent, { type: 'items.returned' }>['how'],
): RunEvent => ({
  type: 'items.returned',
  thread: threadNumber(1),
  batch: batchIndex(batch),
  items: items.map(itemIndex),
  how,
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
