import type { RunId, ThreadNumber } from '../model/ids.ts'

/** What tells the processes of a thread from all others of the machine. */
export interface ThreadMark {
  readonly run: RunId
  /** The run's folder: ids are unique in a state folder only. */
  readonly folder: string
  readonly epoch: number
  readonly thread: ThreadNumber
}

/** The mark as children inherit it, whatever groups and sessions they make. */
export function runVariables({ run, folder, epoch, thread }: ThreadMark): Readonly<Record<string, string>> {
  return {
    BATCHTOP_RUN: run,
    BATCHTOP_FOLDER: folder,
    BATCHTOP_EPOCH: String(epoch),
    BATCHTOP_THREAD: String(thread),
  }
}
