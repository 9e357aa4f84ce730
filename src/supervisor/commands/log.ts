import type { Answer } from '../../model/command.ts'
import type { ItemIndex } from '../../model/ids.ts'
import { runningItem } from '../../run/live.ts'
import type { Core } from '../core.ts'
import { done, refused } from '../core.ts'

/** Where the output of a running attempt, or undo, stands so far: `{ thread, attempt, isUndo, log }`; `log` is null before it wrote anything. */
export function locateLog(core: Core, item: ItemIndex): Answer {
  const thread = core.live.threads.find((one) => runningItem(one) === item)
  if (!thread?.held) return refused('not-running', 'The item is not running.')
  const { held } = thread
  const log = held.log ? { file: held.log.file, offset: held.log.offset, length: held.log.length } : null
  const attempt = held.chunk.attempts[held.running] ?? 1
  return done('', { thread: thread.thread, attempt, isUndo: held.isUndo, log })
}
