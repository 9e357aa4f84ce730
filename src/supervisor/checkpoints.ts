/** When a checkpoint is due, and what follows once it is on disk. `checkpointer.ts` takes it. */
import type { CheckpointReason } from '../model/event.ts'
import { endOpenAct, forgetActs } from './acts.ts'
import type { Core } from './core.ts'
import { done, refused } from './core.ts'
import type { Input } from './input.ts'

/** As much journal as is read again within half a second when a run is recovered. */
const MOST_EVENTS = 500_000
const MOST_BYTES = 16 * 2 ** 20

export function askCheckpoint(core: Core, reason: CheckpointReason): void {
  core.checkpoints.asked.push(reason)
  core.checkpoints.underWay += 1
}

/** Whether so much was journaled since the last one that reading it again would take too long. */
export function considerSize(core: Core): void {
  const { events, bytes } = core.journal.since
  if (core.checkpoints.underWay === 0 && (events >= MOST_EVENTS || bytes >= MOST_BYTES)) askCheckpoint(core, 'size')
}

/** The plan's interval is over. Where nothing happened since the last one but that it was written there is nothing to keep. */
export function considerTime(core: Core): void {
  if (core.checkpoints.underWay === 0 && core.journal.since.events > 1) askCheckpoint(core, 'interval')
}

const kB = (size: number) => Math.max(0.1, Math.round(size / 102.4) / 10)

export function checkpointed(core: Core, input: Extract<Input, { type: 'checkpointed' }>): void {
  const { checkpoints } = core
  const { reason, error } = input
  checkpoints.underWay -= 1
  // One that failed at the end does not hold the end up: the journal has everything as well.
  if (reason === 'stop' && checkpoints.atEnd === 'asked') checkpoints.atEnd = 'done'
  const waiters = reason === 'user' ? checkpoints.waiters.splice(0) : []
  if (error !== undefined) {
    if (reason === 'governor') forgetActs(core, undefined, ['checkpoint'])
    for (const answer of waiters) answer(refused('checkpoint', `The checkpoint could not be written: ${error}`))
    return
  }
  const { bytes, ms } = input
  if (!core.isOver) core.emit({ type: 'checkpoint.written', bytes, ms, reason })
  if (reason === 'governor') endOpenAct(core, 'checkpoint')
  for (const answer of waiters) answer(done(`Checkpoint: ${kB(bytes)} kB in ${Math.round(ms)} ms.`))
}
