/**
 * What an earlier supervisor left of a run, made ready for the next one: facts from checkpoint and journal, the torn end cut off, values
 * that no durable event names cut off. May import model and run. Called by a starting supervisor with the plan's lock held.
 */
import type { Plan } from '../model/plan.ts'
import type { RunState } from '../run/state.ts'
import type { Disk } from './disk.ts'
import type { RunInfo } from './run-info.ts'

export interface Restored {
  readonly state: RunState
  /** By version - 1. */
  readonly plans: readonly Plan[]
  /** Of the journal file to open next. */
  readonly generation: number
  /** Number of the last event. */
  readonly seq: number
  /** Bytes of returned values that durable events name, by batch id. */
  readonly valuesEnds: Readonly<Record<string, number>>
  /** What is worth telling a person, a sentence each. */
  readonly notes: readonly string[]
}

/** @throws BatchtopError `journal-damaged` with file and byte, `journal-format`, `checkpoint-format` */
export declare function restore(folder: string, info: RunInfo, disk?: Disk): Promise<Restored>
