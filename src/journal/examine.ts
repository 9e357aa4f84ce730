/**
 * Whether a run's files are what was written, and if not, what of it still holds: the longest prefix of its journal that is whole, from
 * the checkpoint on where there is one. Reads only. May import model and run. Called by `batchtop repair`.
 */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BatchtopError } from '../model/errors.ts'
import type { Plan } from '../model/plan.ts'
import { History } from '../run/history.ts'
import type { RunState } from '../run/state.ts'
import type { Checkpoint, LoadedCheckpoint } from './checkpoint.ts'
import { CHECKPOINT_NAME, loadCheckpoint } from './checkpoint.ts'
import { JournalCursor } from './cursor.ts'
import type { Damage } from './damage.ts'
import { JournalDamage, missingFile } from './damage.ts'
import { hasCode } from './disk.ts'
import { generationOf, journalName } from './frame.ts'
import { readPlans } from './plan-files.ts'
import { findFrame } from './read-frame.ts'
import type { RunInfo } from './run-info.ts'

export interface Examination {
  /** In order: before the checkpoint, behind it, the checkpoint itself. Empty: nothing is damaged. */
  readonly damages: readonly Damage[]
  /** What a repair keeps: the facts up to this event. */
  readonly kept: { readonly events: number; readonly succeeded: number }
  /** What stands whole behind the damage and a repair sets aside. */
  readonly dropped: { readonly frames: number; readonly events: number }
  /** All facts are kept: what is damaged, a checkpoint has as well, or it is the checkpoint and the journal has it. */
  readonly isCovered: boolean
  /** Where a repair cuts the journal. */
  readonly cuts: readonly Cut[]
  readonly isCheckpointDamaged: boolean
  /** By what a repair keeps the run has ended. */
  readonly hasEnded: boolean
}

/** A place from which on files are set aside. */
export interface Cut {
  /** Of the file that is cut, whether it is there or not. */
  readonly generation: number
  /** Bytes of it that stay; 0: not even its first line is whole. */
  readonly offset: number
  /** Generation that stays whole again; undefined: none. */
  readonly until?: number
}

/** What the name of a file that was set aside has in it. */
export const ASIDE = '.damaged-'

/** @throws BatchtopError `journal-format`, `checkpoint-format`, `run-damaged` */
export async function examineRun(folder: string, { run, ended }: RunInfo): Promise<Examination> {
  const plans = await readPlans(folder)
  const loaded = await loadCheckpoint(folder, { run, plans }).catch(damageOf)
  const start = loaded instanceof BatchtopError ? undefined : loaded
  const before = start && (await findHole(folder, start.checkpoint))
  const tail = await readTail(folder, plans, start)
  const cuts: readonly Cut[] = [
    ...(before && start ? [{ ...cutAt(before), until: start.checkpoint.generation }] : []),
    ...(tail.damage ? [cutAt(tail.damage)] : []),
  ]
  const checkpoint: Damage = { path: join(folder, CHECKPOINT_NAME), offset: 0, why: 'it is not what was written' }
  const isCheckpointDamaged = loaded instanceof BatchtopError
  const { state, seq, damage } = tail
  return {
    damages: [before, damage, isCheckpointDamaged ? checkpoint : undefined].filter((one) => one !== undefined),
    kept: { events: seq, succeeded: state.batches.reduce((sum, { durable }) => sum + durable.succeeded, 0) },
    dropped: await countBehind(folder, cuts),
    isCovered: damage === undefined,
    cuts,
    isCheckpointDamaged,
    hasEnded: damage === undefined ? ended !== undefined : state.endedAt !== undefined,
  }
}

function damageOf(error: unknown): BatchtopError {
  if (error instanceof BatchtopError && error.code === 'checkpoint-damaged') return error
  throw error
}

function cutAt({ generation, offset }: JournalDamage): Cut {
  return { generation, offset }
}

interface Tail {
  readonly state: RunState
  /** Of the last event that is whole. */
  readonly seq: number
  readonly damage: JournalDamage | undefined
}

/** What a recovery would read. */
async function readTail(folder: string, plans: readonly Plan[], start: LoadedCheckpoint | undefined): Promise<Tail> {
  const history = new History(plans, start?.state)
  const cursor = new JournalCursor(folder, start?.checkpoint.seq, start?.checkpoint.generation)
  let damage: JournalDamage | undefined
  try {
    for (let events = await cursor.next(); events; events = await cursor.next()) {
      for (const journaled of events) history.apply(journaled)
    }
    if (start && !cursor.place) damage = missingFile(folder, start.checkpoint.generation)
  } catch (error) {
    if (!(error instanceof JournalDamage)) throw error
    damage = error
  } finally {
    await cursor.close()
  }
  return { state: history.state, seq: cursor.seq, damage }
}

/** Where the journal before the checkpoint does not say everything, unless a repair left it so. */
async function findHole(folder: string, checkpoint: Checkpoint): Promise<JournalDamage | undefined> {
  const hole = await readBefore(folder, checkpoint)
  if (hole?.after === undefined) return hole?.damage
  const cut = journalName(hole.after) + ASIDE
  return (await readdir(folder)).some((name) => name.startsWith(cut)) ? undefined : hole.damage
}

interface Hole {
  readonly damage: JournalDamage
  /** Generation after which nothing stands that could be damaged. */
  readonly after?: number
}

async function readBefore(folder: string, { seq, generation }: Checkpoint): Promise<Hole | undefined> {
  const cursor = new JournalCursor(folder, seq)
  try {
    // Everything the checkpoint holds is checked and passed over.
    await cursor.next()
  } catch (error) {
    if (!(error instanceof JournalDamage)) throw error
    if (error.generation < generation) {
      const isMissing = (await sizeOf(error.path)) === undefined
      return { damage: error, ...(isMissing ? { after: error.generation - 1 } : {}) }
    }
  } finally {
    await cursor.close()
  }
  if (cursor.seq >= seq) return undefined
  const path = join(folder, journalName(generation - 1))
  const why = `events ${cursor.seq + 1} to ${seq} are missing behind it`
  return { damage: new JournalDamage(path, { offset: (await sizeOf(path)) ?? 0, why }), after: generation - 1 }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/** Whole frames that a repair sets aside. */
async function countBehind(folder: string, cuts: readonly Cut[]): Promise<Examination['dropped']> {
  const dropped = { frames: 0, events: 0 }
  const generations = (await readdir(folder)).flatMap((name) => generationOf(name) ?? [])
  for (const { generation: first, offset, until = Number.POSITIVE_INFINITY } of cuts) {
    for (const generation of generations.filter((one) => one >= first && one < until)) {
      const bytes = await readFile(join(folder, journalName(generation)))
      let from = generation === first ? offset : 0
      for (let found = findFrame(bytes, from, 0); found; found = findFrame(bytes, from, 0)) {
        dropped.frames += 1
        dropped.events += found.events
        from = found.start + found.size + found.bytes
      }
    }
  }
  return dropped
}
