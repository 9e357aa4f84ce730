/** Stopping a run before its end: drain or now. An attempt that is ended by it is interrupted: not failed, not counted. */
import type { Answer, Command } from '../model/command.ts'
import type { Core } from './core.ts'
import { done } from './core.ts'

export function stopRun(
  core: Core,
  { isNow, grace }: Pick<Extract<Command, { verb: 'stopRun' }>, 'isNow' | 'grace'>,
): Answer {
  const { state } = core
  if (state.draining === 'no' || (isNow && state.draining === 'drain')) core.emit({ type: 'run.draining', isNow })
  for (const thread of core.live.threads) {
    if (!thread.held) continue
    // A paused item would never finish: it goes back to the queue.
    if (isNow || thread.pause === 'paused' || thread.pause === 'freezing') core.thread(thread.thread).interrupt()
    else core.thread(thread.thread).takeBack()
  }
  if (!isNow && grace !== undefined) setTimeout(() => stopRunLater(core), grace).unref()
  const left = core.live.threads.filter(({ held }) => held !== undefined).length
  if (left === 0) return done('Stopping.')
  return done(isNow ? 'Stopping now.' : `Stopping: ${left} running item${left === 1 ? '' : 's'} may finish first.`)
}

/** The grace is over. Goes through the inbox like everything else. */
function stopRunLater(core: Core): void {
  if (!core.isOver) core.post({ type: 'stop', isNow: true })
}
