/** Finds the processes of one attempt, wherever they went: children inherit its variables, whatever groups and sessions they make. */
import type { RunId, ThreadNumber } from '../model/ids.ts'
import type { ReadEnvironments } from './environments.ts'
import { hasVariables, readEnvironments } from './environments.ts'
import { ownLine } from './procfs.ts'

/** What tells an attempt's processes from all others of the machine. */
export interface AttemptMark {
  readonly run: RunId
  /** The run's folder: ids are unique in a state folder only. */
  readonly folder: string
  readonly epoch: number
  readonly thread: ThreadNumber
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
    BATCHTOP_RUN: of.run,
    BATCHTOP_FOLDER: of.folder,
    BATCHTOP_EPOCH: String(of.epoch),
    BATCHTOP_THREAD: String(of.thread),
    BATCHTOP_NUMBER: String(of.number),
    BATCHTOP_ATTEMPT: String(of.attempt),
  }
  const spared = ownLine()
  const found = await read().catch(() => [])
  return found.filter((one) => !spared.has(one.pid) && hasVariables(one, variables)).map(({ pid }) => pid)
}
