/** The process behind `run --output` and `--events`; recorder.ts starts it. */
import { createWriteStream } from 'node:fs'
import process from 'node:process'
import { finished } from 'node:stream/promises'
import { EXIT } from '../../model/errors.ts'
import type { Sink } from '../../output/sink.ts'
import { createSink } from '../../output/sink.ts'
import { setCrashFolder } from '../crash.ts'
import { leaveEnded, openSession } from '../session.ts'
import type { RecordOptions } from '../verbs.ts'
import { watchJson } from '../watch-json.ts'
import { watchPlain } from '../watch-plain.ts'

const OUTPUT = 3
const EVENTS = 4

export async function record(folder: string, { output, events, samples }: RecordOptions): Promise<number> {
  setCrashFolder(folder)
  // A signal to everything of a closing terminal: what is recorded goes on as long as the run does.
  process.on('SIGHUP', () => undefined)
  await Promise.all([
    output
      ? into(OUTPUT, (sink) => withSession(folder, (session) => watchPlain(session, { sink, isQuiet: false })))
      : 0,
    events ? into(EVENTS, (sink) => withSession(folder, (session) => watchJson(session, { sink, samples }))) : 0,
  ])
  return EXIT.ok
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
