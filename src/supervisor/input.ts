/** Everything that can reach the supervisor's inbox. */
import type { Sample, ThreadReport } from '../model/chunk.ts'
import type { Answer, Command } from '../model/command.ts'
import type { JournaledEvent } from '../model/event.ts'

export type Input =
  | { readonly type: 'begin' }
  | { readonly type: 'report'; readonly report: ThreadReport }
  | { readonly type: 'command'; readonly command: Command; readonly answer: (answer: Answer) => void }
  /** A journal frame is on disk. */
  | { readonly type: 'durable'; readonly events: readonly JournaledEvent[] }
  | { readonly type: 'sampled'; readonly sample: Sample }
  /** Some item's backoff has ended. */
  | { readonly type: 'due' }
  /** TERM, or the grace of a stop is over. */
  | { readonly type: 'stop'; readonly isNow: boolean }
