import type { Answer, Command } from '../../model/command.ts'
import type { Core } from '../core.ts'
import { done } from '../core.ts'
import { drainThread, freezeThread } from '../pausing.ts'
import { nameThreads, selectThreads } from './select-threads.ts'

/** Answers once the threads stand still; with `drain` at once, because running items may take hours. */
export function pauseThreads(
  core: Core,
  command: Extract<Command, { verb: 'pauseThreads' }>,
  answer: (answer: Answer) => void,
): void {
  const selected = selectThreads(core, command)
  if (!selected.ok) return answer(selected)
  const { threads, batch } = selected
  if (batch) {
    core.emit({ type: 'batch.paused', batch: batch.index, by: 'user' })
    core.standing = undefined
  }
  for (const thread of threads) {
    if (command.drain) drainThread(core, thread)
    else freezeThread(core, thread)
  }
  const named = [...(batch ? [`batch ${batch.id}`] : []), ...(threads.length > 0 ? [nameThreads(threads)] : [])].join(
    ' and ',
  )
  const waiting = threads.filter(({ pause, isToDrain }) => pause === 'draining' || isToDrain)
  if (command.drain && waiting.length > 0) return answer(done(`Pausing ${named}: running items finish first.`))
  core.waiters.push({
    isDone: () => threads.every(({ pause }) => pause !== 'freezing'),
    answer: () => answer(done(`Paused ${named}.`)),
  })
}
