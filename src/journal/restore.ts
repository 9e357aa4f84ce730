/**
 * What an earlier supervisor left of a run, made ready for the next one: facts from checkpoint and journal, the torn end cut off, values
 * that no durable event names cut off. May import model and run. Called by a starting supervisor with the plan's lock held.
 */
import { BatchtopError } from '../model/errors.ts'
import type { JournaledEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import { History } from '../run/history.ts'
import type { RunState } from '../run/state.ts'
import type { LoadedCheckpoint } from './checkpoint.ts'
import { loadCheckpoint } from './checkpoint.ts'
import type { JournalPlace } from './cursor.ts'
import { JournalCursor } from './cursor.ts'
import { missingFile } from './damage.ts'
import type { Disk } from './disk.ts'
import { realDisk, truncateFile } from './disk.ts'
import { readPlans } from './plan-files.ts'
import type { RunInfo } from './run-info.ts'
import { truncateValues } from './values-files.ts'

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

/** @throws BatchtopError `journal-damaged` with file and byte, `journal-format`, `checkpoint-format`, `value-missing` */
export async function restore(folder: string, { run }: RunInfo, disk: Disk = realDisk): Promise<Restored> {
  const plans = await readPlans(folder)
  const { start, notes } = await findStart(folder, { run, plans })
  const history = new History(plans, start?.state)
  // Without a prototype: a batch may be called `constructor`.
  const valuesEnds = Object.assign(Object.create(null) as Record<string, number>, start?.checkpoint.values)
  const cursor = new JournalCursor(folder, start?.checkpoint.seq, start?.checkpoint.generation)
  const place = await replay(cursor, (journaled) => {
    noteValues(valuesEnds, journaled, history.state.plan)
    history.apply(journaled)
  })
  if (start && !place) throw missingFile(folder, start.checkpoint.generation)
  const generation = place ? await endAt(folder, place, disk) : 1
  await truncateValues(folder, valuesEnds, disk)
  return { state: history.state, plans, generation, seq: cursor.seq, valuesEnds, notes }
}

/** The checkpoint, where there is one to be used. Without one the whole journal says the same, it only takes longer. */
async function findStart(
  folder: string,
  about: Parameters<typeof loadCheckpoint>[1],
): Promise<{ readonly start?: LoadedCheckpoint | undefined; readonly notes: readonly string[] }> {
  try {
    return { start: await loadCheckpoint(folder, about), notes: [] }
  } catch (error) {
    if (!(error instanceof BatchtopError && error.code === 'checkpoint-damaged')) throw error
    return { notes: [`${error.message}. The whole journal was read instead.`] }
  }
}

/** Hands over every event, and tells where the journal ends; undefined: it has no file. */
async function replay(
  cursor: JournalCursor,
  take: (journaled: JournaledEvent) => void,
): Promise<JournalPlace | undefined> {
  try {
    for (;;) {
      const events = await cursor.next()
      if (!events) return cursor.place
      for (const journaled of events) take(journaled)
    }
  } finally {
    await cursor.close()
  }
}

/** A line ends with `}` and a newline behind the value. */
const LINE_END = 2

function noteValues(ends: Record<string, number>, { event }: JournaledEvent, plan: Plan): void {
  if (event.type !== 'items.succeeded' || !event.values) return
  const id = plan.batches[event.batch]?.id
  if (id === undefined) throw new Error(`No batch ${event.batch} in plan ${plan.name}`)
  for (const value of event.values) {
    if (value) ends[id] = Math.max(ends[id] ?? 0, value.offset + value.length + LINE_END)
  }
}

/** Makes the journal end where its last good frame does, for good. @returns the generation of the file that may follow */
async function endAt(folder: string, { generation, path, offset }: JournalPlace, disk: Disk): Promise<number> {
  if (offset === 0) {
    // Its maker did not get to write its first line: nothing was ever in it.
    await disk.remove(path)
    await disk.syncFolder(folder)
    return generation
  }
  // Also where nothing is cut off: the last frame was read, but may not be on disk yet.
  await truncateFile(path, offset, disk)
  return generation + 1
}
