import type { Answer } from '../../model/command.ts'
import { askCheckpoint } from '../checkpoints.ts'
import type { Core } from '../core.ts'
import { refused } from '../core.ts'

/** Answers once it is on disk. */
export function takeCheckpoint(core: Core, answer: (answer: Answer) => void): void {
  if (core.trouble) return answer(refused('disk', `No checkpoint now: ${core.trouble.message}.`))
  core.checkpoints.waiters.push(answer)
  askCheckpoint(core, 'user')
}
