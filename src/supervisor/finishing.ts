/** Whether the run is over, and how it ended. */
import { EXIT } from '../model/errors.ts'
import type { RunEvent } from '../model/event.ts'
import { millis } from '../model/units.ts'
import type { Counts } from '../run/state.ts'
import { leftToDo } from '../run/state.ts'
import { askCheckpoint } from './checkpoints.ts'
import type { Core } from './core.ts'

type Finished = Extract<RunEvent, { type: 'run.finished' }>

/** Emits the last event once nothing runs and nothing is left to start. */
export function finishIfOver(core: Core): void {
  if (core.isOver || core.live.threads.some(({ held }) => held !== undefined)) return
  const total = core.state.batches.reduce((sum, { applied }) => add(sum, applied), {
    succeeded: 0,
    failed: 0,
    skipped: 0,
    skippedByUser: 0,
  })
  const left = leftToDo(core.state, 'applied')
  const areBroken = core.live.threads.length > 0 && core.live.threads.every(({ process }) => process === 'broken')
  if (left > 0 && core.state.draining === 'no' && !areBroken) return
  if (!isKept(core)) return
  core.isOver = true
  const { succeeded, failed, skipped } = total
  const how = outcome(total, left, areBroken)
  core.emit({
    type: 'run.finished',
    ...how,
    succeeded,
    failed,
    skipped,
    left,
    ms: millis(Math.round(core.clock.now() - core.state.startedAt)),
  })
}

/** The last checkpoint comes before the last event: its end brings us here again. */
function isKept(core: Core): boolean {
  const { checkpoints } = core
  if (checkpoints.atEnd === 'none') {
    checkpoints.atEnd = 'asked'
    askCheckpoint(core, 'stop')
  }
  return checkpoints.atEnd === 'done'
}

function outcome(total: Counts, left: number, areBroken: boolean): Pick<Finished, 'outcome' | 'exit'> {
  if (areBroken) return { outcome: 'failed', exit: EXIT.failed }
  if (left > 0) return { outcome: 'stopped', exit: EXIT.stopped }
  const isFine = total.failed === 0 && total.skipped === total.skippedByUser
  return isFine ? { outcome: 'succeeded', exit: EXIT.ok } : { outcome: 'failed', exit: EXIT.failed }
}

function add(left: Counts, right: Counts): Counts {
  return {
    succeeded: left.succeeded + right.succeeded,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
    skippedByUser: left.skippedByUser + right.skippedByUser,
  }
}
