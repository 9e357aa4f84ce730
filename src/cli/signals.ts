/**
 * What signals mean to somebody who watches a run in lines. Ctrl-C drains, twice ends now. TERM, HUP and a reader that has gone away
 * stop a run that belongs to this command, and leave any other one alone.
 */
import process from 'node:process'
import type { Connection } from '../link/client.ts'
import type { Command } from '../model/command.ts'
import { EXIT } from '../model/errors.ts'
import { millis } from '../model/units.ts'
import { say } from './terminal.ts'

/** What running items get when their command is told to go. */
const GRACE_MS = millis(30_000)

const INTERRUPTED = EXIT.signal + 2

export interface SignalOptions {
  readonly connection: Connection | undefined
  readonly isForeground: boolean
  /** True: Ctrl-C leaves the run alone, too. */
  readonly isOnlooker: boolean
}

export interface Signals {
  /** Resolves when this process is to leave a run that goes on. */
  readonly left: Promise<void>
  /** The reader of standard output has gone away. */
  readonly broken: () => void
  /** The exit code, given the run's: whoever ended the run by force is told so. */
  readonly exitOf: (exit: number) => number
  readonly release: () => void
}

export function listenToSignals({ connection, isForeground, isOnlooker }: SignalOptions): Signals {
  const { promise: left, resolve: leave } = Promise.withResolvers<void>()
  let interrupts = 0
  let stops = 0
  const send = (command: Command): void => {
    // A run that cannot be reached has ended, or its loss is noticed anyway.
    connection?.send(command).catch(() => undefined)
  }
  const stop = (isNow: boolean): void => {
    send({ verb: 'stopRun', isNow, ...(isForeground && !isNow ? { grace: GRACE_MS } : {}) })
  }
  const interrupt = (): void => {
    if (isOnlooker) return leave()
    interrupts += 1
    if (interrupts > 2) process.exit(INTERRUPTED)
    say(interrupts === 1 ? 'Stopping: running items finish. Ctrl-C again ends them.' : 'Ending what runs.')
    stop(interrupts > 1)
  }
  const hangUp = (): void => {
    if (!isForeground) return leave()
    stops += 1
    stop(stops > 1)
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', hangUp)
  process.on('SIGHUP', hangUp)
  return {
    left,
    broken: hangUp,
    exitOf: (exit) => (interrupts > 1 ? INTERRUPTED : exit),
    release: () => {
      process.off('SIGINT', interrupt)
      process.off('SIGTERM', hangUp)
      process.off('SIGHUP', hangUp)
    },
  }
}
