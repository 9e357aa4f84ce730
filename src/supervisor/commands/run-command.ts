/** A client's command → what is done about it. One verb a file, named as on the command line. */
import type { Answer, Command } from '../../model/command.ts'
import { assertNever } from '../../model/errors.ts'
import type { Core } from '../core.ts'
import { refused } from '../core.ts'
import { isEndStuck, stopRun } from '../stopping.ts'
import { takeCheckpoint } from './checkpoint.ts'
import { endItem } from './end.ts'
import { locateLog } from './log.ts'
import { pauseThreads } from './pause.ts'
import { reclaimMemory } from './reclaim.ts'
import { resumeThreads } from './resume.ts'
import { retryItems } from './retry.ts'
import { skipItems } from './skip.ts'
import { setThreads } from './threads.ts'
import { explain } from './why.ts'

/** Carries a command out; some are answered only when what they ask for has happened. */
export function runCommand(core: Core, command: Command, answer: (answer: Answer) => void): void {
  const isAnswered = command.verb === 'explainItem' || command.verb === 'locateLog'
  if (core.isOver && !isAnswered && !(command.verb === 'stopRun' && isEndStuck(core))) {
    answer(refused('run-over', 'The run has just ended.'))
    return
  }
  switch (command.verb) {
    case 'pauseThreads':
      return pauseThreads(core, command, answer)
    case 'resumeThreads':
      return resumeThreads(core, command, answer)
    case 'setThreads':
      return answer(setThreads(core, command))
    case 'retryItems':
      return answer(retryItems(core, command))
    case 'skipItems':
      return answer(skipItems(core, command))
    case 'endItem':
      return answer(endItem(core, command))
    case 'stopRun':
      return answer(stopRun(core, command))
    case 'takeCheckpoint':
      return takeCheckpoint(core, answer)
    case 'reclaimMemory':
      return reclaimMemory(core, answer)
    case 'explainItem':
      return answer(explain(core, command.item))
    case 'locateLog':
      return answer(locateLog(core, command.item))
    default:
      assertNever(command)
  }
}
