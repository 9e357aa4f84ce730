/** The process behind `run --output` and `--events`; recorder.ts starts it. */
import { createWriteStream } from 'node:fs'
import process from 'node:process'
import { finished } from 'node:stream/promises'
import { EXIT } from '../../model/errors.ts'
import type { Sink } from '../../output/sink.ts'
import { createSink } from '../../output/sink.ts'
import { setCrashFolder } from '../crash.ts'
import { endCutLine, readEventTail } from '../event-tail.ts'
import { olderRecordersEnded } from '../recorder.ts'
import { leaveEnded, openSession } from '../session.ts'
import { skipLines } from '../skip-lines.ts'
import type { RecordOptions } from '../verbs.ts'
import { watchJson } from '../watch-json.ts'
import { watchPlain } from '../watch-plain.ts'

const OUTPUT = 3
const EVENTS = 4

export async function record(folder: string, options: RecordOptions): Promise<number> {
  const { output, events, since } = options
  setCrashFolder(folder)
  // A signal to everything of a closing terminal: what is recorded goes on as long as the run does.
  process.on('SIGHUP', () => undefined)
  // What recorded the run before it was recovered may still be writing the end of that.
  if (since !== undefined) await olderRecordersEnded(folder)
  await Promise.all([output ? recordOutput(folder, options) : 0, events ? recordEvents(folder, options) : 0])
  return EXIT.ok
}

async function recordOutput(folder: string, { since = 0 }: RecordOptions): Promise<void> {
  endCutLine(OUTPUT)
  await into(OUTPUT, (sink) => withSession(folder, (session) => watchPlain(session, { sink, isQuiet: false, since })))
}

async function recordEvents(folder: string, { since, samples }: RecordOptions): Promise<void> {
  const session = await openSession(folder)
  const tail = since === undefined ? { seq: 0, lines: 0 } : readEventTail(EVENTS, session.info.run)
  endCutLine(EVENTS)
  await into(EVENTS, async (sink) => {
    // One event may be many lines, and the file may end in the middle of them: it is told again without those that are there.
    const rest = tail ? skipLines(sink, tail) : sink
    await watchJson(session, { sink: rest, samples, since: tail ? Math.max(0, tail.seq - 1) : (since ?? 0) })
    await leaveEnded(session)
  })
}

async function into(fd: number, write: (sink: Sink) => Promise<unknown>): Promise<void> {
  const stream = createWriteStream('', { fd })
  await write(createSink(stream))
  stream.end()
  await finished(stream)
}

type Session = Awaited<ReturnType<typeof openSession>>

async function withSession(folder: string, use: (session: Session) => Promise<unknown>): Promise<void> {
  const session = await openSession(folder)
  await use(session)
  await leaveEnded(session)
}
