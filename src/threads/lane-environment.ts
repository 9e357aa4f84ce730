/** The environment that all commands of a thread have in common, but for what `handedOn` says. */
import process from 'node:process'
import type { ThreadMark } from './run-variables.ts'
import { runVariables } from './run-variables.ts'

export function laneEnvironment(mark: ThreadMark): NodeJS.ProcessEnv {
  const { POSIXLY_CORRECT: _, ...env } = process.env
  return { ...env, ...runVariables(mark), PARALLEL_JOBSLOT: String(mark.thread) }
}

/** Inherited variables that items get and their lane does not: a bash in POSIX mode forgets how items ended that were stopped. */
export function handedOn(): readonly (readonly [string, string])[] {
  const { POSIXLY_CORRECT } = process.env as { readonly POSIXLY_CORRECT?: string }
  return POSIXLY_CORRECT === undefined ? [] : [['POSIXLY_CORRECT', POSIXLY_CORRECT]]
}
