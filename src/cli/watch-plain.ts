/** Plain lines of a run until its end, then what is left to say about it. */
import type { JournaledEvent } from '../model/event.ts'
import { wallTime } from '../model/units.ts'
import { PlainLines, TAIL_LINES } from '../output/plain.ts'
import type { Sink } from '../output/sink.ts'
import { summaryText } from '../output/summary.ts'
import { createFeed } from './feed.ts'
import { readTail } from './log-tail.ts'
import { Replica } from './replica.ts'
import type { Session } from './session.ts'
import { eventsOf, exitAfter } from './session.ts'
import { summaryOf } from './summary.ts'

export interface WatchPlainOptions {
  readonly sink: Sink
  readonly isQuiet: boolean
  /** What came before this event has been seen already. */
  readonly since?: number
}

const LOOK_MS = 1000

/** @returns the run's exit code; undefined where its supervisor is lost */
export async function watchPlain(session: Session, options: WatchPlainOptions): Promise<number | undefined> {
  const { sink, isQuiet } = options
  const { info } = session
  const lines = new PlainLines({ ...info, isQuiet })
  const replica = new Replica(session.plans)
  const stopLooking = reportProgress(session, lines, sink)
  try {
    const exit = await tellEvents(session, { ...options, replica, lines })
    await write(sink, lines.unsaid(now()))
    await sink.write(summaryText(summaryOf(info, replica.state)))
    return exit
  } finally {
    stopLooking()
  }
}

interface Telling extends WatchPlainOptions {
  readonly replica: Replica
  readonly lines: PlainLines
}

async function tellEvents(session: Session, telling: Telling): Promise<number | undefined> {
  const { replica, lines, sink, since = 0 } = telling
  let exit: number | undefined
  for await (const journaled of eventsOf(session)) {
    const view = replica.apply(journaled)
    if (view && journaled.seq > since && lines.wants(view)) {
      await write(sink, lines.event(view, await tailOf(session, journaled)))
    }
    exit = exitAfter(journaled.event, exit)
  }
  return exit
}

async function tailOf({ folder }: Session, { event }: JournaledEvent): Promise<readonly string[]> {
  if (event.type !== 'item.failed' || !event.log) return []
  return await readTail(folder, { thread: event.thread, log: event.log }, TAIL_LINES)
}

function reportProgress(session: Session, lines: PlainLines, sink: Sink): () => void {
  const { connection } = session
  if (!connection) return () => undefined
  const feed = createFeed({ ...session, connection })
  const timer = setInterval(() => {
    const snapshot = feed.snapshot()
    if (snapshot) void write(sink, lines.progress(snapshot, now()))
  }, LOOK_MS)
  return () => clearInterval(timer)
}

async function write(sink: Sink, lines: readonly string[]): Promise<void> {
  if (lines.length > 0) await sink.write(`${lines.join('\n')}\n`)
}

const now = () => wallTime(Date.now())
