import process from 'node:process'
import { readEvents } from '../../journal/reader.ts'
import { EXIT } from '../../model/errors.ts'
import { createSink } from '../../output/sink.ts'
import { findRun } from '../runs.ts'
import { openRun } from '../session.ts'
import type { EventsOptions } from '../verbs.ts'
import { printEvents, watchJson } from '../watch-json.ts'

export async function events(options: EventsOptions): Promise<number> {
  const session = await openRun(await findRun(options, 'any'))
  const { since = 0 } = options
  // The reader has gone away: nothing more is to be said, and the run does not mind.
  const sink = createSink(process.stdout, () => process.exit(EXIT.ok))
  try {
    if (options.follow) return (await watchJson(session, { sink, since })) === undefined ? EXIT.stopped : EXIT.ok
    await printEvents(session, readEvents(session.folder, { until: session.connection?.durable }), { sink, since })
    return EXIT.ok
  } finally {
    session.connection?.close()
  }
}
