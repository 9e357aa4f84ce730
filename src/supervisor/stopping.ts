/** Stopping a run before its end: drain or now. An attempt that is ended by it is interrupted: not failed, not counted. */
import type { Answer, Command } from '../model/command.ts'
import { LONGEST_WAIT } from './clock.ts'
import type { Core } from './core.ts'
import { done } from './core.ts'
import { resumeThread } from './pausing.ts'

export function stopRun(
  core: Core,
  { isNow, grace }: Pick<Extract<Command, { verb: 'stopRun' }>, 'isNow' | 'grace'>,
): Answer {
  const { state } = core
  // Nothing may follow the last event; but while the disk does not take that one, nobody has to wait for it.
  if (core.isOver) return isNow && isEndStuck(core) ? abandon(core) : done('Stopping.')
  if (core.trouble && isNow && state.draining === 'now' && !core.live.threads.some(({ held }) => held))
    return abandon(core)
  if (state.draining === 'no' || (isNow && state.draining === 'drain')) core.emit({ type: 'run.draining', isNow })
  for (const thread of core.live.threads) {
    if (!thread.held) continue
    // A paused item would never finish: it goes back to the queue.
    const isUsers = thread.pausedBy === 'user'
    const isFreezing = thread.pause === 'freezing' && (isUsers || isNow)
    // Else the freeze would come between the item and its end.
    if (isFreezing) core.thread(thread.thread).thaw()
    if (isNow && thread.pause === 'holding') resumeThread(core, thread, 'governor')
    if (isNow || isFreezing || (thread.pause === 'paused' && isUsers)) core.thread(thread.thread).interrupt()
    else core.thread(thread.thread).takeBack()
  }
  if (!isNow && grace !== undefined) setTimeout(() => stopRunLater(core), Math.min(grace, LONGEST_WAIT)).unref()
  const left = core.live.threads.filter(({ held }) => held !== undefined).length
  if (left === 0) return done('Stopping.')
  return done(isNow ? 'Stopping now.' : `Stopping: ${left} running item${left === 1 ? '' : 's'} may finish first.`)
}

/** The last event was emitted and is not on disk, which takes nothing. */
export function isEndStuck({ isOver, trouble }: Core): boolean {
  return isOver && trouble !== undefined && trouble.events > 0
}

/** Nothing runs any more and the disk does not take the end: whoever asks once more does not want to wait for it. */
function abandon(core: Core): Answer {
  const events = core.journal.trouble?.events ?? 0
  core.isAbandoned = true
  return done(`Given up: ${events} events are not on disk. \`batchtop recover ${core.run}\` runs those items again.`)
}

/** The grace is over. Goes through the inbox like everything else. */
function stopRunLater(core: Core): void {
  if (!core.isOver) core.post({ type: 'stop', isNow: true })
}
