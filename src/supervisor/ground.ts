/** What a supervisor stands on when it begins: a run's folder, its plan and facts, and where its journal goes on. */
import type { RunInfo } from '../journal/run-info.ts'
import type { RunId } from '../model/ids.ts'
import type { Plan } from '../model/plan.ts'
import type { Recovered } from '../model/start.ts'
import type { RunState } from '../run/state.ts'
import type { Core } from './core.ts'

export interface Ground {
  readonly run: RunId
  /** Real path. */
  readonly folder: string
  readonly plan: Plan
  readonly state: RunState
  readonly info: RunInfo
  /** Number of the journal file to open. */
  readonly generation: number
  /** Number of the last event that is there; 0 before the first. */
  readonly seq: number
  /** Bytes of each batch's values that count, by batch id. */
  readonly valuesEnds: Readonly<Record<string, number>>
  /** Left out for a new run. */
  readonly recovered?: Recovered
  /** Emits the first events: those that say that it begins. */
  readonly announce: (core: Core) => void
  /** Makes the folder what it was before, where the start fails. */
  readonly giveBack: () => Promise<void>
}
