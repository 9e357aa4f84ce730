/** JSON lines of a run: all that were, and until its end all that come. */
import { ValueReader } from '../journal/value-reader.ts'
import type { JournaledEvent } from '../model/event.ts'
import type { Plan } from '../model/plan.ts'
import type { Trouble } from '../model/snapshot.ts'
import type { Millis } from '../model/units.ts'
import { wallTime } from '../model/units.ts'
import { interruptedLine, iso, sampleLine, stalledLine } from '../output/json.ts'
import type { Sink } from '../output/sink.ts'
import type { ValueTexts } from '../view/json-lines.ts'
import { createJsonLines } from '../view/json-lines.ts'
import { createFeed } from './feed.ts'
import type { Session } from './session.ts'
import { eventsOf, exitAfter } from './session.ts'

export interface WatchJsonOptions {
  readonly sink: Sink
  /** Only what came after this event. */
  readonly since?: number
  /** Memory lines this often. */
  readonly samples?: Millis | undefined
}

/** @returns the run's exit code; undefined where its supervisor is lost, which the last line then says */
export async function watchJson(session: Session, options: WatchJsonOptions): Promise<number | undefined> {
  const { sink } = options
  const stopSampling = sample(session, options)
  try {
    const { run } = session.info
    const troubled = (trouble: Trouble | undefined) => {
      if (trouble) void sink.write(`${stalledLine(run, trouble, now())}\n`)
    }
    const exit = await printEvents(session, eventsOf(session, { troubled }), options)
    if (exit === undefined) await sink.write(`${interruptedLine(run, now())}\n`)
    return exit
  } finally {
    stopSampling()
  }
}

/** @returns the exit code of the run where they end with its end */
export async function printEvents(
  { folder, info, plans }: Session,
  events: AsyncIterable<JournaledEvent>,
  { sink, since = 0 }: WatchJsonOptions,
): Promise<number | undefined> {
  const linesOf = createJsonLines({ plans, run: info.run, iso })
  const values = new ValueReader(folder)
  let plan = plans[0]
  let exit: number | undefined
  try {
    for await (const journaled of events) {
      const { event } = journaled
      if (event.type === 'run.recovered') plan = plans[event.planVersion - 1]
      exit = exitAfter(event, exit)
      const isWanted = journaled.seq > since
      const lines = linesOf(journaled, isWanted ? await valuesOf(journaled, { reader: values, plan }) : [])
      if (isWanted && lines.length > 0) await sink.write(`${lines.join('\n')}\n`)
    }
    return exit
  } finally {
    await values.close()
  }
}

interface ValuesSource {
  readonly reader: ValueReader
  /** The one that held when the event happened. */
  readonly plan: Plan | undefined
}

async function valuesOf({ event }: JournaledEvent, { reader, plan }: ValuesSource): Promise<ValueTexts> {
  if (event.type !== 'items.succeeded' || !event.values) return []
  const batch = plan?.batches[event.batch]?.id ?? ''
  const texts: (string | undefined)[] = []
  // One after another: they stand side by side in one file.
  for (const ref of event.values) texts.push(ref ? await reader.read(batch, ref) : undefined)
  return texts
}

function sample(session: Session, { sink, samples }: WatchJsonOptions): () => void {
  const { connection } = session
  if (samples === undefined || !connection) return () => undefined
  const feed = createFeed({ ...session, connection })
  const timer = setInterval(() => {
    const snapshot = feed.snapshot()
    if (snapshot?.memory.isKnown) void sink.write(`${sampleLine(snapshot, now())}\n`)
  }, samples)
  return () => clearInterval(timer)
}

const now = () => wallTime(Date.now())
