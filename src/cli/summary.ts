/** How a run went, from its facts. */
import type { RunInfo } from '../journal/run-info.ts'
import type { RunSummary } from '../output/summary.ts'
import { MOST_FAILURES, MOST_UNDO_FAILURES } from '../output/summary.ts'
import type { RunState } from '../run/state.ts'
import { leftToDo } from '../run/state.ts'
import { pageOf, rowOf } from './item-rows.ts'

export function summaryOf({ run, plan }: Pick<RunInfo, 'run' | 'plan'>, state: RunState): RunSummary {
  const sum = (of: 'succeeded' | 'failed' | 'skipped') =>
    state.batches.reduce((total, { durable }) => total + durable[of], 0)
  const [succeeded, failed, skipped] = [sum('succeeded'), sum('failed'), sum('skipped')]
  const page = failed > 0 ? failures(state) : []
  const last = state.endedAt ?? state.lastAt
  return {
    run,
    plan,
    outcome: state.outcome ?? 'interrupted',
    succeeded,
    failed,
    skipped,
    left: leftToDo(state, 'durable'),
    ms: last - state.startedAt,
    failures: page,
    ...undoFailures(state),
  }
}

function failures(state: RunState): RunSummary['failures'] {
  return pageOf({ state, running: new Set() }, { states: ['failed'], from: 0, count: MOST_FAILURES }).rows
}

function undoFailures(state: RunState): Pick<RunSummary, 'undoFailures'> {
  const items = [...state.undone].flatMap(([item, { reason }]) => (reason ? [item] : []))
  const rows = items.slice(0, MOST_UNDO_FAILURES).map((item) => rowOf({ state, running: new Set() }, item))
  return items.length === 0 ? {} : { undoFailures: { rows, count: items.length } }
}
