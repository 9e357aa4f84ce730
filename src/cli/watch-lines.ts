/** Watching one run in lines, plain or JSON; and what is said when a run is over or left, however it was watched. */
import process from 'node:process'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { Millis } from '../model/units.ts'
import { createSink } from '../output/sink.ts'
import type { Session } from './session.ts'
import { leaveEnded } from './session.ts'
import { listenToSignals } from './signals.ts'
import { say } from './terminal.ts'

export interface WatchOptions {
  readonly mode: 'screen' | 'plain' | 'json'
  readonly readOnly: boolean
  readonly isForeground: boolean
  /** True: the run was started by somebody else, so Ctrl-C in lines leaves it alone. */
  readonly isOnlooker: boolean
  readonly isQuiet: boolean
  readonly ascii: boolean
  readonly color: boolean
  readonly samples?: Millis | undefined
}

/** @param since what came before this event is not told again */
export async function watchLines(session: Session, options: WatchOptions, since = 0): Promise<number> {
  const { isForeground, isOnlooker } = options
  const signals = listenToSignals({ connection: session.connection, isForeground, isOnlooker })
  const sink = createSink(process.stdout, signals.broken)
  const { run } = session.info
  const watching =
    options.mode === 'json' ? startJson(session, options, sink) : startPlain(session, options, { sink, since })
  try {
    const how = await Promise.race([watching, signals.left.then(() => 'left' as const)])
    if (how === 'left') {
      session.connection?.close()
      goesOn(run)
      return EXIT.ok
    }
    await leaveEnded(session)
    if (how === undefined) say(lost(run).message)
    return signals.exitOf(how ?? EXIT.stopped)
  } finally {
    signals.release()
  }
}

type Sink = ReturnType<typeof createSink>

async function startJson(session: Session, { samples }: WatchOptions, sink: Sink): Promise<number | undefined> {
  const { watchJson } = await import('./watch-json.ts')
  return await watchJson(session, { sink, samples })
}

async function startPlain(
  session: Session,
  { isQuiet }: WatchOptions,
  { sink, since }: { sink: Sink; since: number },
): Promise<number | undefined> {
  const { watchPlain } = await import('./watch-plain.ts')
  return await watchPlain(session, { sink, isQuiet, since })
}

/** Said by everybody who leaves a run that is live. */
export function goesOn(run: string): void {
  say(`run ${run} goes on: batchtop attach ${run}`)
}

export function lost(run: string): BatchtopError {
  return new BatchtopError('lost', `Run ${run} was interrupted: its supervisor is gone.`, { exit: EXIT.stopped })
}
