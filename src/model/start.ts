/**
 * How a client starts a supervisor: one `StartRequest` as JSON on its standard input (then end of file), one `StartReply` as a line
 * on its descriptor 3. Descriptor 4 is the leash: a pipe whose other end only the client holds; in the foreground its end of
 * file means that the client died, which ends the run. Standard output and error go to a log file the client opened.
 */

import type { RunId } from './ids.ts'
import type { Plan } from './plan.ts'

export interface StartRequest {
  readonly plan: Plan
  /** The plan file, verbatim. */
  readonly planText: string
  /** Absolute path. */
  readonly stateDir: string
  /** The options of the command line that this run was started with, as given, for people and for a later continuation. */
  readonly options: Readonly<Record<string, string | number | boolean | readonly string[]>>
  /** True: the run belongs to the command: end of the leash = stop now. */
  readonly isForeground: boolean
  /** Absolute path of the log that standard output and error go to; moved into the run's folder once that exists. */
  readonly logFile: string
}

export type StartReply =
  | {
      readonly ready: true
      readonly run: RunId /** Absolute path of the run's folder. */
      readonly folder: string
      readonly pid: number
    }
  | {
      readonly ready: false
      readonly code: string
      readonly message: string
      readonly hint?: string
      readonly exit: number
      /** code `busy`: the live run that has the plan, where it could be told. */
      readonly live?: { readonly run: RunId; readonly folder: string }
    }
