import { noteResumed } from '../../govern/governor.ts'
import type { Answer, Command } from '../../model/command.ts'
import { batchState } from '../../run/state.ts'
import { closeBreaker } from '../breaking.ts'
import type { Core } from '../core.ts'
import { done, refused } from '../core.ts'
import { resumeThread } from '../pausing.ts'
import { nameThreads, selectThreads } from './select-threads.ts'

/** Resuming everything also resumes batches that were paused by name. Who names a batch wants it to go on: its breaker is closed as well. */
export function resumeThreads(
  core: Core,
  command: Extract<Command, { verb: 'resumeThreads' }>,
  answer: (answer: Answer) => void,
): void {
  const selected = selectThreads(core, command)
  if (!selected.ok) return answer(selected)
  const isAll = command.threads === undefined && command.batch === undefined
  const batches = core.plan.batches.filter(({ index }) => {
    return batchState(core.state, index).pausedBy !== undefined && (isAll || selected.batch?.index === index)
  })
  for (const { index } of batches) core.emit({ type: 'batch.resumed', batch: index, by: 'user' })
  core.standing = undefined
  const isClosed = selected.batch !== undefined && closeBreaker(core, selected.batch.index)
  const threads = selected.threads.filter(({ pause }) => pause !== 'none')
  if (threads.length === 0 && batches.length === 0 && !isClosed)
    return answer(refused('not-paused', 'Nothing of that is paused.'))
  for (const thread of threads) {
    resumeThread(core, thread, 'user')
    noteResumed(core.governing.governor, thread.thread, core.clock.now())
  }
  const named = [
    ...batches.map(({ id }) => `batch ${id}`),
    ...(isClosed ? [`batch ${selected.batch?.id}, whose breaker was open`] : []),
    ...(threads.length > 0 ? [nameThreads(threads)] : []),
  ].join(', ')
  core.waiters.push({
    isDone: () => threads.every(({ pause }) => pause === 'none'),
    answer: () => answer(done(`Resumed ${named}.`)),
  })
}
