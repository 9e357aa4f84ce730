/** A supervisor goes on where another left. */
import type { RunEvent } from '../../model/event.ts'
import type { ItemIndex } from '../../model/ids.ts'
import { threadNumber } from '../../model/ids.ts'
import { batchOf } from '../../model/plan.ts'
import type { WallTime } from '../../model/units.ts'
import { wallTime } from '../../model/units.ts'
import type { RunState } from '../state.ts'
import { batchState, isFinished, STATUS } from '../state.ts'
import { enqueue } from './chunks.ts'
import { leaveThread } from './spans.ts'

type Of<Type extends RunEvent['type']> = Extract<RunEvent, { type: Type }>

/** What was on threads is in the queue again; what threads and processes were is forgotten but for a person's pauses. */
export function recoverRun(state: RunState, event: Of<'run.recovered'>, at: WallTime): void {
  state.run = event.run
  // The supervisor before may have died before its first event was on disk.
  if (state.startedAt === 0) state.startedAt = at
  // The machine's clock may have been set back: nobody waits for a time that was.
  if (at < state.lastAt) setBack(state, state.lastAt - at)
  state.epoch = event.epoch
  state.planVersion = event.planVersion
  state.draining = 'no'
  state.endedAt = undefined
  state.outcome = undefined
  state.exit = undefined
  takeBack(state, new Set(event.lost))
  for (const batch of state.batches) {
    if (!isFinished(batch)) batch.endedAt = undefined
    if (batch.pausedBy !== 'user') batch.pausedBy = undefined
    if (batch.breaker) batch.breaker.trial = undefined
  }
  for (const [place, facts] of state.threads.entries()) {
    // It ended when the supervisor died, and the last that is known of that is its last event.
    leaveThread(state, threadNumber(place + 1), facts.handed, state.lastAt)
    facts.isStarted = false
    if (facts.paused?.by !== 'user' || place >= event.threads) facts.paused = undefined
  }
}

/** What waits for a moment waits for one that is so much earlier. */
function setBack({ backoff, batches }: RunState, ms: number): void {
  backoff.advance(ms)
  for (const { breaker } of batches) {
    if (breaker?.opened) breaker.opened = { ...breaker.opened, until: wallTime(breaker.opened.until - ms) }
  }
}

/** Every item on a thread has seen its supervisor die; those in `lost` stay until their `item.failed`. */
function takeBack(state: RunState, lost: ReadonlySet<ItemIndex>): void {
  const { status } = state.items
  for (let place = status.indexOf(STATUS.handed); place >= 0; place = status.indexOf(STATUS.handed, place + 1)) {
    const item = place as ItemIndex
    state.deaths.set(item, (state.deaths.get(item) ?? 0) + 1)
    if (lost.has(item)) continue
    const batch = batchState(state, batchOf(state.plan, item).index)
    batch.handed -= 1
    enqueue(state, batch, item)
  }
}
