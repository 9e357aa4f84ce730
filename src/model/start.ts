/**
 * How a client starts a supervisor: one `StartRequest` as JSON on its standard input (then end of file), one `StartReply` as a line
 * on its descriptor 3. Descriptor 4 is the leash: a pipe whose other end only the client holds; in the foreground its end of
 * file means that the client died, which ends the run. Standard output and error go to a log file the client opened.
 */

import type { Answer, Command } from './command.ts'
import type { RunId } from './ids.ts'
import type { Plan } from './plan.ts'

export type Changed = 'rerun' | 'keep' | 'fail'

/** What a recovery found, in items. */
export interface Recovered {
  readonly epoch: number
  /** Number of the event that says so: whoever watched the run before has seen what stands below it. */
  readonly seq: number
  readonly succeeded: number
  readonly failed: number
  readonly skipped: number
  readonly requeued: number
  readonly new: number
  readonly gone: number
  /** Threads that are still paused. */
  readonly paused: number
}

export interface StartRequest {
  readonly plan: Plan
  /** The plan file, verbatim. */
  readonly planText: string
  /** Absolute path. */
  readonly stateDir: string
  /** A run to go on with instead of a new one; `plan` is what it goes on with. */
  readonly recover?: {
    /** Absolute path of its folder. */
    readonly folder: string
    /** What becomes of ended items whose work is another in `plan`. `fail`: nothing is started (code `changed`). */
    readonly changed: Changed
    /** Carried out before anything starts: what a run that is over is started again for. */
    readonly command?: Extract<Command, { verb: 'retryItems' }>
  }
  /** The options of the command line that this run was started with, as given, for people and for a later continuation. */
  readonly options: Readonly<Record<string, string | number | boolean | readonly string[]>>
  /** True: the state folder may be on a network file system (`--state-on-network`). */
  readonly isNetworkAllowed: boolean
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
      /** Left out for a new run. */
      readonly recovered?: Recovered
      /** What came of `recover.command`. */
      readonly answer?: Answer
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
