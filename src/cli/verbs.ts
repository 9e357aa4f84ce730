/** What program.ts reads from the command line, and one function a verb that takes it. */
import type { ItemStateWord } from '../model/feed.ts'
import type { Changed } from '../model/start.ts'
import type { Bytes, Millis } from '../model/units.ts'
import type { PlanOptions, RecoverOptions, RunOptions, ShowOptions, TargetOptions } from './options.ts'

type Exit = Promise<number>

/** One function a verb; each resolves to the exit code. */
export interface Verbs {
  readonly run: (plan: string, options: RunOptions) => Exit
  readonly recover: (options: RecoverOptions) => Exit
  readonly attach: (options: AttachOptions) => Exit
  readonly ls: (options: ShowOptions & TargetOptions) => Exit
  readonly status: (options: ShowOptions & TargetOptions) => Exit
  readonly items: (options: ItemsOptions) => Exit
  readonly events: (options: EventsOptions) => Exit
  readonly wait: (options: TargetOptions) => Exit
  readonly replay: (options: ReplayOptions) => Exit
  readonly pause: (options: PauseOptions) => Exit
  readonly resume: (options: SelectionOptions) => Exit
  readonly threads: (change: { readonly to: number } | { readonly by: number }, options: TargetOptions) => Exit
  readonly retry: (items: readonly string[], options: RetryOptions) => Exit
  readonly skip: (items: readonly string[], options: TargetOptions) => Exit
  readonly end: (item: string, options: TargetOptions & { readonly now?: boolean }) => Exit
  readonly stop: (options: StopOptions) => Exit
  readonly checkpoint: (options: TargetOptions) => Exit
  readonly reclaim: (options: TargetOptions) => Exit
  readonly log: (item: string, options: LogOptions) => Exit
  readonly why: (item: string, options: TargetOptions) => Exit
  readonly prune: (options: PruneOptions) => Exit
  readonly repair: (options: RepairOptions) => Exit
  /** Not for people: `run --output` and `--events` start it. */
  readonly record: (folder: string, options: RecordOptions) => Exit
  readonly planCheck: (plan: string, options: PlanOptions & ShowOptions) => Exit
  readonly planShow: (plan: string, options: PlanOptions & ShowOptions) => Exit
}

export interface AttachOptions extends TargetOptions {
  readonly readOnly?: boolean
  readonly ascii?: boolean
  readonly plain?: boolean
  readonly color: boolean
}

export interface ItemsOptions extends TargetOptions, ShowOptions {
  readonly state?: readonly ItemStateWord[]
  readonly batch?: string
}

export interface EventsOptions extends TargetOptions {
  readonly follow?: boolean
  readonly since?: number
}

export interface ReplayOptions extends TargetOptions {
  /** Times as fast as it was. */
  readonly speed?: number
  readonly ascii?: boolean
  readonly color: boolean
}

export interface SelectionOptions extends TargetOptions {
  readonly thread?: readonly number[]
  readonly batch?: string
}

export interface PauseOptions extends SelectionOptions {
  readonly drain?: boolean
}

export interface RetryOptions extends TargetOptions {
  readonly failed?: boolean
  /** Of a run that has ended: what becomes of ended items whose work is another in the plan as it is now. */
  readonly changed?: Changed
}

export interface StopOptions extends TargetOptions {
  readonly now?: boolean
  readonly grace?: Millis
}

export interface LogOptions extends TargetOptions {
  readonly attempt?: number
  readonly undo?: boolean
  readonly follow?: boolean
}

export interface PruneOptions {
  readonly stateDir?: string
  readonly keep?: number
  readonly older?: Millis
  readonly maxSize?: Bytes
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly json?: boolean
}

export interface RepairOptions extends TargetOptions {
  readonly yes?: boolean
}

export interface RecordOptions {
  /** Plain lines to descriptor 3. */
  readonly output?: boolean
  /** JSON lines to descriptor 4. */
  readonly events?: boolean
  readonly samples?: Millis
  /** The run was recovered: files go on behind what they hold, at the earliest after this event. */
  readonly since?: number
}
