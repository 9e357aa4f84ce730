/** The environment that all commands of a thread have in common. */
import type { ThreadMark } from './run-variables.ts'
import { runVariables } from './run-variables.ts'

export function laneEnvironment(mark: ThreadMark): NodeJS.ProcessEnv {
  return { ...process.env, ...runVariables(mark), PARALLEL_JOBSLOT: String(mark.thread) }
}
