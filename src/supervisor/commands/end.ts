import type { Answer, Command } from '../../model/command.ts'
import { runningItem } from '../../run/live.ts'
import type { Core } from '../core.ts'
import { done, refused } from '../core.ts'
import { nameItem } from './name-item.ts'

/** Ends the running attempt of an item, or its undo; it then has failed with reason `user`. */
export function endItem(core: Core, { item, attempt, isNow }: Extract<Command, { verb: 'endItem' }>): Answer {
  const thread = core.live.threads.find((one) => runningItem(one) === item)
  const name = `${thread?.held?.isUndo ? 'the undo of ' : ''}${nameItem(core, item)}`
  if (!thread?.held) return refused('not-running', `${name} is not running.`)
  const { held } = thread
  const running = held.chunk.attempts[held.running] ?? 1
  if (attempt !== undefined && attempt !== running) {
    return refused('attempt-ended', `Attempt ${attempt} of ${name} has ended meanwhile; attempt ${running} runs now.`)
  }
  held.isEnding = true
  core.thread(thread.thread).end(held.running, { kind: 'user', message: 'ended by a person' }, isNow)
  return done(`Ending ${name}, attempt ${running}${isNow ? ', now' : ''}.`)
}
