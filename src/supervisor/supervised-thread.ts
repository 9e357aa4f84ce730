import type { Thread } from '../threads/thread.ts'

type Asked =
  | 'abilities'
  | 'start'
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
  | 'renew'
  | 'stop'

/** What the supervisor asks of a thread: src/threads/side.ts says what each of it does. */
export type SupervisedThread = Pick<Thread, Asked>
