/** What the supervisor asks of a thread: src/threads/side.ts says what each of it does. */
import type { WorkKind } from '../model/plan.ts'
import type { Thread } from '../threads/thread.ts'

type Asked =
  | 'abilities'
  | 'run'
  | 'takeBack'
  | 'hold'
  | 'release'
  | 'reclaim'
  | 'tidy'
  | 'freeze'
  | 'thaw'
  | 'end'
  | 'interrupt'
  | 'evict'
  | 'fail'
  | 'stop'

export interface SupervisedThread extends Pick<Thread, Asked> {
  /** Starts a process for work of this kind, where there is none. */
  readonly start: (kind: WorkKind) => void
  /** A free thread gets a new process, for work of this kind. */
  readonly renew: (kind: WorkKind) => void
}
