/** Watching one run in lines, plain or JSON; and what is said when a run is over or left, however it was watched. */
import process from 'node:process'
import { BatchtopError, EXIT } from '../model/errors.ts'
import type { RunId } from '../model/ids.ts'
import type { Millis } from '../model/units.ts'
import { createSink } from '../output/sink.ts'
import { howToGoOn } from './runs.ts'
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
  /** What came up to this event is not told again in lines. Left out: the run is told from its start. */
  readonly since?: number
}

export async function watchLines(session: Session, options: WatchOptions): Promise<number> {
  const { isForeground, isOnlooker } = options
  const signals = listenToSignals({ connection: session.connection, isForeground, isOnlooker })
  const sink = createSink(process.stdout, signals.broken)
  const { run } = session.info
  const watching = (options.mode === 'json' ? startJson : startPlain)(session, options, sink)
  try {
    const how = await Promise.race([watching, signals.left.then(() => 'left' as const)])
    if (how === 'left') {
      session.connection?.close()
      goesOn(run)
      return EXIT.ok
    }
    await leaveEnded(session)
    if (how === undefined) sayLost(run)
    return signals.exitOf(how ?? EXIT.stopped)
  } finally {
    signals.release()
  }
}

type Sink = ReturnType<typeof createSink>

type Starting = (session: Session, options: WatchOptions, sink: Sink) => Promise<number | undefined>

const startJson: Starting = async (session, { samples, since = 0 }, sink) => {
  const { watchJson } = await import('./watch-json.ts')
  return await watchJson(session, { sink, samples, since })
}

const startPlain: Starting = async (session, { isQuiet, since = 0 }, sink) => {
  const { watchPlain } = await import('./watch-plain.ts')
  return await watchPlain(session, { sink, isQuiet, since })
}

/** Said by everybody who leaves a run that is live. */
export function goesOn(run: string): void {
  say(`run ${run} goes on: batchtop attach ${run}`)
}

export function lost(run: RunId): BatchtopError {
  const hint = howToGoOn({ run })
  return new BatchtopError('lost', `Run ${run} was interrupted: its supervisor is gone.`, { hint, exit: EXIT.stopped })
}

export function sayLost(run: RunId): void {
  const { message, hint = '' } = lost(run)
  say(`${message} ${hint}`)
}
