/** The journal's reading side: every durable event of a run, in order, once; finished or still going. */
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { JournaledEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { RunState } from '../run/state.ts'
import { loadCheckpoint } from './checkpoint.ts'
import { JournalCursor } from './cursor.ts'
import { JournalDamage } from './damage.ts'
import type { RunInfo } from './run-info.ts'

export interface ReadOptions {
  readonly since?: number
  /** Of a live run: the highest number that is durable. What is written but not yet synced may still be lost, so it is not told. */
  readonly until?: number | undefined
}

/**
 * Events of a run's folder with numbers above `since`. Ends silently where the last file was cut short in the middle of a frame.
 * @throws BatchtopError `journal-damaged` with file and place, `journal-format`
 */
export async function* readEvents(
  folder: string,
  { since = 0, until = Number.POSITIVE_INFINITY }: ReadOptions = {},
): AsyncGenerator<JournaledEvent> {
  const cursor = new JournalCursor(folder, since)
  try {
    while (cursor.seq < until) {
      const events = await cursor.next()
      if (!events) return
      for (const event of events) yield event
    }
  } finally {
    await cursor.close()
  }
}

export interface FollowOptions {
  readonly since?: number
  /** Durable numbers, rising, each as soon as it is known: nothing beyond them is read. Its end means that the run's supervisor is gone. */
  readonly wake: AsyncIterable<number>
  /** Ends after the first event for which it is true. */
  readonly until?: (event: JournaledEvent) => boolean
}

/**
 * Follows a live run: every event, none twice, each as soon as it is durable, at the reader's own speed. When `wake` ends, what
 * is left in the journal comes, then the end.
 * @throws BatchtopError `journal-damaged`, `journal-format`
 */
export async function* followEvents(folder: string, options: FollowOptions): AsyncGenerator<JournaledEvent> {
  const { since = 0, wake, until } = options
  const cursor = new JournalCursor(folder, since)
  try {
    for await (const durable of wake) {
      while (Math.max(cursor.seq, since) < durable) {
        const events = await cursor.next()
        if (!events) throw missing(folder, cursor.seq, durable)
        for (const event of events) {
          yield event
          if (until?.(event)) return
        }
      }
    }
    for (;;) {
      const events = await cursor.next()
      if (!events) return
      for (const event of events) {
        yield event
        if (until?.(event)) return
      }
    }
  } finally {
    await cursor.close()
  }
}

function missing(folder: string, seq: number, durable: number): BatchtopError {
  return new BatchtopError(
    'journal-damaged',
    `Damaged journal in ${folder}: events ${seq + 1} to ${durable} are missing`,
    {
      exit: EXIT.usage,
    },
  )
}

/** A run whose journal is read. */
export type Readable = Pick<RunInfo, 'folder' | 'run'> & Pick<ReadOptions, 'until'>

/** Takes the events of a run one by one. */
export interface EventTaker {
  apply(journaled: JournaledEvent): unknown
}

/**
 * Hands every event of a run to what `create` makes. Where the journal is damaged before its checkpoint, `create` is called once more, with the
 * facts of the checkpoint, and gets what came after it.
 * @param plans the run's compiled plans by version - 1
 * @returns what took them, and the cursor to go on with; to be closed
 * @throws BatchtopError `journal-damaged`, `journal-format`
 */
export async function replayRun<Taker extends EventTaker>(
  { folder, run, until = Number.POSITIVE_INFINITY }: Readable,
  plans: readonly Plan[],
  create: (state?: RunState) => Taker,
): Promise<{ readonly taker: Taker; readonly cursor: JournalCursor }> {
  try {
    return await replayFrom(new JournalCursor(folder), create(), until)
  } catch (error) {
    if (!(error instanceof JournalDamage)) throw error
    const loaded = await loadCheckpoint(folder, { run, plans }).catch(() => undefined)
    if (!loaded) throw error
    const { seq, generation } = loaded.checkpoint
    return await replayFrom(new JournalCursor(folder, seq, generation), create(loaded.state), until)
  }
}

async function replayFrom<Taker extends EventTaker>(cursor: JournalCursor, taker: Taker, until: number) {
  try {
    while (cursor.seq < until) {
      const events = await cursor.next()
      if (!events) break
      for (const journaled of events) taker.apply(journaled)
    }
    return { taker, cursor }
  } catch (error) {
    await cursor.close()
    throw error
  }
}
