/** Everything that can reach the supervisor's inbox. */
import type { Sample, ThreadReport } from '../model/chunk.ts'
import type { Answer, Command } from '../model/command.ts'
import type { CheckpointReason, JournaledEvent } from '../model/event.ts'
import type { BatchIndex, ThreadNumber } from '../model/ids.ts'
import type { Trouble } from '../model/snapshot.ts'
import type { Bytes, Millis } from '../model/units.ts'
import type { Listing } from '../plan/list-items.ts'

interface Taken {
  readonly bytes: Bytes
  readonly ms: Millis
  readonly error?: never
}

interface NotTaken {
  /** In words. */
  readonly error: string
}

export type Input =
  | { readonly type: 'begin' }
  | { readonly type: 'report'; readonly report: ThreadReport }
  | { readonly type: 'command'; readonly command: Command; readonly answer: (answer: Answer) => void }
  /** The disk does not take the journal any more; undefined: it does again, and all that was kept is on it. */
  | { readonly type: 'trouble'; readonly trouble: Trouble | undefined }
  /** The time between two checkpoints is over. */
  | { readonly type: 'checkpointDue' }
  /** A checkpoint is on disk, or could not be written. */
  | ({ readonly type: 'checkpointed'; readonly reason: CheckpointReason } & (Taken | NotTaken))
  /** A journal frame is on disk. */
  | { readonly type: 'durable'; readonly events: readonly JournaledEvent[] }
  | { readonly type: 'sampled'; readonly sample: Sample }
  /** A quick look at memory alone, between two samples. */
  | {
      readonly type: 'glanced'
      readonly threads: readonly { readonly thread: ThreadNumber; readonly used: Bytes }[]
      /** What the system has free; left out where that takes longer. */
      readonly available?: Bytes
    }
  /** A thread that was to stop at a tick has had its time. */
  | { readonly type: 'holdOver'; readonly thread: ThreadNumber; readonly hold: number }
  /** Some item's backoff has ended. */
  | { readonly type: 'due' }
  /** The items of a late batch were looked for. */
  | { readonly type: 'listed'; readonly batch: BatchIndex; readonly listing: Listing; readonly ms: Millis }
  /** TERM, or the grace of a stop is over. */
  | { readonly type: 'stop'; readonly isNow: boolean }
