/** Finds the processes of one attempt, wherever they went: children inherit its variables, whatever groups and sessions they make. */
import type { ReadEnvironments } from './environments.ts'
import { hasVariables, readEnvironments } from './environments.ts'
import { ownLine } from './procfs.ts'
import type { ThreadMark } from './run-variables.ts'
import { runVariables } from './run-variables.ts'

/** What tells an attempt's processes from all others of the machine. */
export interface AttemptMark extends ThreadMark {
  /** Of the item in the whole plan, from 1. */
  readonly number: number
  readonly attempt: number
}

/** @returns their numbers, without this process and its ancestors; none where nobody can look. Takes some ms: it reads every process of this user */
export async function findStrays(
  of: AttemptMark,
  read: ReadEnvironments = readEnvironments,
): Promise<readonly number[]> {
  const variables = {
    ...runVariables(of),
    BATCHTOP_NUMBER: String(of.number),
    BATCHTOP_ATTEMPT: String(of.attempt),
  }
  const spared = ownLine()
  const found = await read().catch(() => [])
  return found.filter((one) => !spared.has(one.pid) && hasVariables(one, variables)).map(({ pid }) => pid)
}
