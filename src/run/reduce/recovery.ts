/** A supervisor goes on where another left. */
import type { RunEvent } from '../../model/event.ts'
import type { ItemIndex } from '../../model/ids.ts'
import { batchOf } from '../../model/plan.ts'
import type { WallTime } from '../../model/units.ts'
import type { RunState } from '../state.ts'
import { batchState, STATUS } from '../state.ts'
import { enqueue } from './chunks.ts'
import { leaveThread } from './spans.ts'

/** What was on threads is in the queue again; what threads and processes were is forgotten but for a person's pauses. */
export function recoverRun(state: RunState, event: Extract<RunEvent, { type: 'run.recovered' }>, _at: WallTime): void {
  state.epoch = event.epoch
  state.planVersion = event.planVersion
  state.draining = 'no'
  state.endedAt = undefined
  state.outcome = undefined
  state.exit = undefined
  const lost = new Set(event.lost)
  const { status } = state.items
  for (let item = status.indexOf(STATUS.handed); item >= 0; item = status.indexOf(STATUS.handed, item + 1)) {
    recoverItem(state, item as ItemIndex, lost.has(item as ItemIndex))
  }
  for (const [place, facts] of state.threads.entries()) {
    // It ended when the supervisor died, and the last that is known of that is its last event.
    leaveThread(state, (place + 1) as never, facts.handed, state.lastAt)
    facts.isStarted = false
    if (facts.paused?.by !== 'user' || place >= event.threads) facts.paused = undefined
  }
}

function recoverItem(state: RunState, item: ItemIndex, isLost: boolean): void {
  state.deaths.set(item, (state.deaths.get(item) ?? 0) + 1)
  if (isLost) return
  const batch = batchState(state, batchOf(state.plan, item).index)
  batch.handed -= 1
  enqueue(state, batch, item)
}
